/**
 * The backbone of a configuration.
 *
 * @module
 */
import type { BuildEncoder } from "../nn/build_encoder.ts";
import { encoders } from "../nn/table.ts";
import type { Backbone } from "../nn/types.ts";
import { loadBuilders } from "./load_builders.ts";
import type { EncoderConfig } from "./types.ts";

const builders = await loadBuilders<BuildEncoder<EncoderConfig>>(encoders);

/**
 * The backbone of a configuration: images [N, height, width, C] to features [N, F].
 *
 * @param encoder The choices.
 * @param poolGrid The cells along each side over which a ResNet averages its last map. The encoder's values do not
 * depend on it.
 */
export function buildBackbone(encoder: EncoderConfig, poolGrid = 1): Backbone {
  return builders[encoder.name](encoder, poolGrid);
}
