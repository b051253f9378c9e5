/**
 * The seedrandom that tfjs-core uses, with the named export that its ES modules import.
 *
 * @module
 */
import { createRequire } from "node:module";

const seedrandom = createRequire(import.meta.resolve("@tensorflow/tfjs-core/package.json"))("seedrandom");

/** Makes a generator of numbers in [0, 1) from a seed. */
export const alea: (seed: string) => () => number = seedrandom.alea;
