import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { buildMethod, viewShape } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { dispose } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import type { StoredTensor } from "../../src/files/safetensors.ts";
import { plainName } from "../../src/interchange/into_state.ts";
import { theirShape } from "../../src/interchange/layouts/axes.ts";
import { fromLayout, toLayout } from "../../src/interchange/layouts/convert.ts";
import { namesIn, recognise } from "../../src/interchange/layouts/recognise.ts";
import { layouts } from "../../src/interchange/layouts/table.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { right } from "../support/either.ts";

const encoders: Readonly<Record<"resnet" | "vit", PartialConfig["encoder"]>> = {
  resnet: { name: "resnet50", width: 1 / 32, stem: "imagenet" },
  vit: { name: "vit-tiny", channels: 8, heads: 2, depth: 2, patch: 4, patchStem: "learned", position: "learned" },
};

/** The names and shapes of a whole state whose heads are those of a layout. */
function stateOf(
  layout: (typeof layouts)[number],
): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  const method = layout.name === "moco-v3"
    ? { name: "moco-v3", dimension: 4, projector: { hidden: 5 }, predictor: { hidden: 5 } } as const
    : { name: "moco", queue: 8, groups: 1, dimension: 4 } as const;
  const training = { batch: 8 };
  const config = right(
    parseConfig({ method, training, encoder: encoders[layout.family], augment: { size: 32 } }, { data: false }),
  );
  const state = freshState(buildMethod(config, viewShape(config, 3), 1), 0);
  const found = entries(state).map(([name, { shape }]) => ({ name: plainName(name), shape }));
  dispose(state);
  const named = found.filter(({ name }) => namesIn(layout, name) !== undefined);
  const nameless = found.filter((tensor) => !named.includes(tensor) && tensor.name.startsWith("query.backbone."));
  assertEquals(nameless, []);
  return named;
}

for (const layout of layouts) {
  const wanted = stateOf(layout);

  Deno.test(`what leaves as ${layout.name}'s ${layout.family} comes back as it was, bit for bit`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom("", "module.", "model.backbone."), (seed, beginning) => {
        let bits = seed;
        const next = () => (bits = Math.imul(bits, 0x9e3779b1) + 0x7f4a7c15 | 0) & 255; // any bits, NaN's too
        const state = wanted.map(({ name, shape }): StoredTensor => {
          const data = Uint8Array.from({ length: 4 * shape.reduce((a, b) => a * b, 1) }, next);
          return { name, dtype: "F32", shape, data };
        });
        const file = toLayout(layout, state).map((tensor) => ({ ...tensor, name: `${beginning}${tensor.name}` }));
        const recognised = recognise(file.map(({ name }) => name))!;
        assertEquals([recognised.beginning, recognised.leftOver], [beginning, []]);
        const back = new Map(fromLayout(recognised, file).map((tensor) => [tensor.name, tensor]));
        assertEquals(back.size, state.length);
        for (const { name, shape, data } of state) {
          const found = back.get(name)!;
          assertEquals(found.shape, shape, name);
          if (found.data.toHex() !== data.toHex()) throw new Error(`${name} has other bits`);
        }
      }),
      { numRuns: 10 },
    );
  });

  Deno.test(`every tensor of the backbone has a name of its own in ${layout.name}'s ${layout.family}`, () => {
    const names = wanted.flatMap(({ name }) => namesIn(layout, name)!);
    assertEquals(new Set(names).size, names.length);
    assertEquals(wanted.filter(({ name }) => name.startsWith("query.backbone.")).length > 20, true);
  });
}

Deno.test("a convolution's axes are [out, in, height, width] there, and a matrix's [out, in]", () => {
  assertEquals(theirShape([7, 5, 3, 64]), [64, 3, 7, 5]);
  assertEquals(theirShape([3, 4]), [4, 3]);
  assertEquals(theirShape([1, 2, 3]), [1, 2, 3]);
});
