/**
 * seedrandom with the named export that tfjs-core's ES modules import.
 *
 * @module
 */
import seedrandom from "seedrandom";

/** Makes a generator of numbers in [0, 1) from a seed. */
export const alea: (seed: string) => () => number = seedrandom.alea;
