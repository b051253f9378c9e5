import type { Layer } from "./types.ts";

/**
 * Makes a backbone of the settings that are declared for it.
 *
 * @param settings What the configuration says of it.
 * @param poolGrid The cells along each side over which a ResNet averages its last map.
 * @returns Images [N, height, width, C] to features [N, F].
 */
export type BuildEncoder<S> = (settings: S, poolGrid: number) => Layer;
