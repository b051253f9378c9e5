import { saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { tensorsOf } from "../../src/checkpoint/state.ts";
import { buildMethod, viewShape } from "../../src/config/build.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { parseConfig } from "../../src/config/config.ts";
import { dispose } from "../../src/core/scope.ts";
import { toJson } from "../../src/train/beginning.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { start } from "../../src/train/position.ts";
import { right } from "./either.ts";

/** The encoder that is stored where no other is named. */
const small = { name: "resnet18", width: 1 / 16 } as const;

/** Writes a checkpoint with an untrained encoder of images of 8 x 8 pixels: by default, 32 numbers for each. */
export async function storeEncoder(
  path: string,
  { seed = 0, channels = 3, encoder = small, data = {}, augment = { size: 8 } }: {
    readonly seed?: number;
    readonly channels?: number;
    readonly encoder?: PartialConfig["encoder"];
    readonly data?: PartialConfig["data"];
    readonly augment?: PartialConfig["augment"];
  } = {},
): Promise<void> {
  const config = right(parseConfig({
    encoder,
    data,
    augment,
    method: { name: "moco", queue: 16, groups: 1, dimension: 8 },
    training: { batch: 4, seed, jit: false },
  }, { data: false }));
  const state = freshState(buildMethod(config, viewShape(config, channels), 1), seed);
  right(await saveCheckpoint(path, tensorsOf(state), { config: toJson(config), position: start, metrics: {} })());
  dispose(state);
}
