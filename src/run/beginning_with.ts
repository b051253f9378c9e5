import { Either } from "../core/either.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Difference, DifferentState } from "../checkpoint/errors.ts";
import { renamed } from "../checkpoint/renamed.ts";
import { toTensor } from "../checkpoint/state.ts";
import { scope } from "../core/scope.ts";
import { entries, map } from "../core/tree.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import { plainName } from "../interchange/into_state.ts";
import type { Method, MethodState } from "../methods/types.ts";
import type { Note } from "./images.ts";

/** Parts of a state that are taken over whole or not at all, each given by the prefix of its tensors' names. */
const parts: readonly (readonly [name: string, names: RegExp])[] = [
  ["the encoder", /^(?:query|key)\.(?:params|buffers)\.backbone\./],
  ["the head", /^(?:query|key)\.(?:params|buffers)\.(?:head|projector)\./],
  ["the predictor", /^predictor\./],
  ["the classifier", /^query\.params\.classifier\./],
  ["the queue", /^queue\./],
];

/**
 * A method whose states start from the encoder of a checkpoint. Head, predictor and queue are taken over where they
 * fit, and start afresh where they do not. If the checkpoint has no key encoder, it starts as a copy of the query
 * encoder.
 *
 * @param method The method.
 * @param checkpoint The checkpoint, of this method or another.
 * @param note Receives a message that says which parts are taken over.
 * @returns Right the method; left every tensor of either encoder that does not fit, or has no place in the other.
 */
export function beginningWith<S extends MethodState>(
  method: Method<S>,
  { path, tensors }: Pick<Checkpoint, "path" | "tensors">,
  note: Note,
): Either<DifferentState, Method<S>> {
  const stored = new Map(tensors.map((tensor) => [plainName(renamed(tensor.name)), tensor]));
  const wanted = scope(() =>
    entries(method.init(tf.tensor1d([0, 0], "int32"))).map(([name, { shape }]) => ({ name, shape }))
  );
  const chosen = new Map<string, StoredTensor>();
  for (const [part, names] of parts) {
    const within = wanted.filter(({ name }) => names.test(name));
    const differences = within.flatMap(({ name, shape }): Difference[] => {
      const found = sourceOf(name, stored);
      if (found?.shape.join() === shape.join()) return [];
      return [{ path: name, expected: `[${shape}]`, found: found === undefined ? "nothing" : `[${found.shape}]` }];
    });
    if (part === "the encoder") {
      const strangers = extra(stored, wanted.map(({ name }) => name));
      if (differences.length + strangers.length > 0) {
        return Either.left({ _tag: "DifferentState", path, differences: [...differences, ...strangers] });
      }
    }
    if (within.length === 0) continue;
    note(`${differences.length === 0 ? "Begins with" : "Begins anew"}: ${part}`);
    if (differences.length > 0) continue;
    for (const { name } of within) chosen.set(name, sourceOf(name, stored)!);
  }
  const filled = (leaf: Tensor, name: string): Tensor => {
    const tensor = chosen.get(name);
    return tensor === undefined ? tf.clone(leaf) : toTensor(tensor);
  };
  return Either.right({ ...method, init: (key) => scope(() => map(filled, method.init(key))) });
}

/** What a stored encoder has and the wanted one does not: with only a part of it, it would be another encoder. */
function extra(stored: ReadonlyMap<string, StoredTensor>, wanted: readonly string[]): Difference[] {
  const known = new Set(wanted.map(plainName));
  return [...stored].flatMap(([name, { shape }]): Difference[] =>
    name.startsWith("query.backbone.") && !known.has(name)
      ? [{ path: name, expected: "nothing", found: `[${shape}]` }]
      : []
  );
}

/**
 * The stored tensor from which a tensor of the new state starts. What was frozen may be learned from now on, and the
 * other way round.
 */
function sourceOf(name: string, stored: ReadonlyMap<string, StoredTensor>): StoredTensor | undefined {
  const plain = plainName(name);
  return stored.get(plain) ?? stored.get(plain.replace(/^key\./, "query."));
}
