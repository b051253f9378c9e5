import { assertEquals } from "@std/assert";
import { buildMethod } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { tensorsOf } from "../../src/checkpoint/state.ts";
import { dispose } from "../../src/core/scope.ts";
import { beginningWith } from "../../src/run/beginning_with.ts";
import { configure } from "../../src/run/configure.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { left, right } from "../support/either.ts";
import { storeEncoder } from "../support/stored_encoder.ts";

const encoder = { name: "resnet18", width: 1 / 32 } as const;

const methodOf = (fields: PartialConfig) => {
  const training = { batch: 8 };
  return buildMethod(right(parseConfig({ encoder, training, ...fields }, { data: false })), [28, 28, 1], 1);
};

const moco = (queue: number, dimension: number) => methodOf({ method: { name: "moco", queue, dimension, groups: 1 } });

/** The tensors of a fresh state, as a checkpoint holds them. */
function stored(method: ReturnType<typeof methodOf>, seed: number) {
  const state = freshState(method, seed);
  const tensors = tensorsOf(state).map(({ read, ...info }) => ({ ...info, data: read() }));
  dispose(state);
  return { path: "other.safetensors", tensors };
}

const bytesOf = ({ tensors }: ReturnType<typeof stored>, name: string) =>
  tensors.find((tensor) => tensor.name === name)?.data.toHex();

Deno.test("a run begins with the encoder of another method, and its key encoder as a copy of it", () => {
  const simclr = stored(methodOf({ method: { name: "simclr", dimension: 16, groups: 1 } }), 5);
  const notes: string[] = [];
  const begun = right(beginningWith(moco(16, 16), simclr, (text) => notes.push(text)));
  const state = stored(begun, 1);
  const name = (part: string) => `${part}.params.backbone.conv1.weight`;
  assertEquals(bytesOf(state, name("query")), bytesOf(simclr, name("query")));
  assertEquals(bytesOf(state, name("key")), bytesOf(simclr, name("query")));
  assertEquals(notes, ["Begins with: the encoder", "Begins with: the head", "Begins anew: the queue"]);
});

Deno.test("head and queue come along where they fit, and begin anew where not; step and random key always do", () => {
  const before = stored(moco(16, 16), 5);
  const notes: string[] = [];
  const same = stored(right(beginningWith(moco(16, 16), before, (text) => notes.push(text))), 1);
  assertEquals(notes, ["Begins with: the encoder", "Begins with: the head", "Begins with: the queue"]);
  assertEquals(bytesOf(same, "queue.keys"), bytesOf(before, "queue.keys"));
  assertEquals(bytesOf(same, "random") === bytesOf(before, "random"), false);
  const longer = stored(right(beginningWith(moco(24, 16), before, (text) => notes.push(text))), 1);
  assertEquals(notes.slice(3), ["Begins with: the encoder", "Begins with: the head", "Begins anew: the queue"]);
  assertEquals(bytesOf(longer, "query.params.head.0.weight"), bytesOf(before, "query.params.head.0.weight"));
});

Deno.test("an encoder that does not fit is refused, with every tensor of it", () => {
  const wider = stored(methodOf({ encoder: { ...encoder, width: 1 / 16 }, method: { groups: 1 } }), 5);
  const { path, differences } = left(beginningWith(moco(16, 16), wider, () => {}));
  assertEquals([path, differences[0]], ["other.safetensors", {
    ...{ path: "query.params.backbone.conv1.weight", expected: "[3,3,1,2]", found: "[3,3,1,4]" },
  }]);
});

Deno.test("an encoder of which only a part would be taken is refused, with every tensor that is left", () => {
  const deeper = stored(methodOf({ encoder: { ...encoder, name: "resnet34" }, method: { groups: 1 } }), 5);
  const { differences } = left(beginningWith(moco(16, 16), deeper, () => {}));
  assertEquals(differences[0], {
    path: "query.backbone.layer1.2.conv1.weight",
    expected: "nothing",
    found: "[3,3,2,2]",
  });
  assertEquals(differences.every(({ expected }) => expected === "nothing"), true);
});

Deno.test("a training that begins with a checkpoint has its encoder and its normalisation, and not the preset's", async () => {
  const folder = await Deno.makeTempDir();
  const init = `${folder}/encoder.safetensors`;
  const vit = { name: "vit-tiny", patch: 4, channels: 24, heads: 3, depth: 2 } as const;
  await storeEncoder(init, { encoder: vit, augment: { size: 8, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } });
  const config = async (fields: PartialConfig) =>
    right(await configure({ data: { path: "/photos" }, ...fields }, { preset: "photos" })());
  const begun = await config({ training: { init } });
  assertEquals(begun.encoder.name === "vit-tiny" && [begun.encoder.channels, begun.encoder.heads], [24, 3]);
  assertEquals([begun.augment.size, begun.augment.mean, begun.training.batch], [8, [0.5, 0.5, 0.5], 128]);
  const own = await config({ training: { init }, encoder: { heads: 2 }, augment: { mean: [0, 0, 0] } });
  assertEquals([own.encoder.name === "vit-tiny" && own.encoder.heads, own.augment.mean], [2, [0, 0, 0]]);
  const missing = await config({ training: { init: `${folder}/none` } }); // the training says that it is not there
  assertEquals(missing.encoder.name, "resnet18");
  await Deno.remove(folder, { recursive: true });
});
