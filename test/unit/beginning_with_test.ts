import { assertEquals } from "@std/assert";
import { buildMethod } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { tensorsOf } from "../../src/checkpoint/state.ts";
import { dispose } from "../../src/core/scope.ts";
import { beginningWith } from "../../src/run/beginning_with.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { left, right } from "../support/either.ts";

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
