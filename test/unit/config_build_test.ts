import { assertEquals } from "@std/assert";
import { buildFeatures } from "../../src/config/build.ts";
import { defaultConfig } from "../../src/config/config.ts";
import { fromBytes, type Tensor, tf } from "../../src/engine/mod.ts";
import type { MocoState } from "../../src/moco/state.ts";
import type { Method } from "../../src/moco/types.ts";
import { assertClose } from "../support/close.ts";

/** A method whose features are the images that it is given. */
const seeing = { features: (_: unknown, images: Tensor) => tf.clone(images) } as unknown as Method<MocoState>;

Deno.test("features see whole images at the views' size, or at a size of their own", () => {
  const augment = { ...defaultConfig.augment, size: 4, mean: [0.5], std: [0.25] };
  const images = fromBytes(Uint8Array.from({ length: 64 }, (_, at) => at % 8 < 4 ? 0 : 255), [1, 8, 8, 1]);
  const at = (evaluationSize?: number) =>
    buildFeatures({ ...defaultConfig, augment: { ...augment, evaluationSize } }, seeing)({} as MocoState, images);
  assertEquals(at().shape, [1, 4, 4, 1]);
  assertEquals(at(8).shape, [1, 8, 8, 1]);
  // Black on the left, white on the right, normalised by the configuration's own numbers.
  assertClose(at(8), [Array.from({ length: 8 }, () => [-2, -2, -2, -2, 2, 2, 2, 2].map((x) => [x]))], "elementwise");
});
