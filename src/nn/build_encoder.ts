import type { Backbone } from "./types.ts";

/**
 * Makes a backbone from its declared settings.
 *
 * @param settings Its part of the configuration.
 * @param poolGrid The cells along each side over which a ResNet averages its last map.
 * @returns Images [N, height, width, C] to features [N, F].
 */
export type BuildEncoder<S> = (settings: S, poolGrid: number) => Backbone;
