import { Either } from "../core/either.ts";
import type { Difference } from "../checkpoint/errors.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import { theirShape } from "./layouts/axes.ts";
import { namesIn, type Recognised } from "./layouts/recognise.ts";

/** The tensors of a whole state. */
export type State = readonly StoredTensor[];

/** A state with tensors of a file in their places. */
export type Filled = {
  readonly tensors: State;
  /** How many tensors were taken, by the part of the state: `query.backbone`. */
  readonly taken: Readonly<Record<string, number>>;
  /** The parts that the file lacks. */
  readonly fresh: readonly string[];
};

/** Parts of a state that come with an encoder, where a file has them. */
const parts = /^(?:(?:query|key)\.(?:backbone|head|projector)|predictor|queue)(?=\.|$)/;

/**
 * The name of a state's tensor without the part that says whether the optimizer changes it:
 * `query.params.backbone.conv1.weight` becomes `query.backbone.conv1.weight`. No layer has a parameter and a buffer of
 * the same name.
 */
export function plainName(name: string): string {
  return name.replace(/^(query|key|predictor)\.(?:params|buffers)\./, "$1.");
}

/**
 * A fresh state filled with a file's tensors. The backbone must be complete, and the file's must have nothing more: a
 * block or a norm that is left out would change what it computes. A part that the file lacks stays as it
 * was, but a key encoder becomes a copy of the query encoder.
 *
 * @param template The fresh state.
 * @param found The file's tensors, with our names and axes.
 * @param recognised The file's layout, by which differences are named.
 * @returns Right the state; left every tensor that is missing, of another shape or too many, named as in the file.
 */
export function intoState(
  template: State,
  found: readonly StoredTensor[],
  { layout, beginning }: Pick<Recognised, "layout" | "beginning">,
): Either<readonly Difference[], Filled> {
  const byName = new Map(found.map((tensor) => [tensor.name, tensor]));
  const has = new Set(found.map(({ name }) => partOf(name)));
  const differences: Difference[] = [];
  const taken: Record<string, number> = {};
  const tensors = template.map((tensor): StoredTensor => {
    const name = plainName(tensor.name);
    const part = partOf(name);
    const source = has.has(part) ? name : name.replace(/^key\./, "query.");
    const there = byName.get(source);
    if (there === undefined) {
      const isWanted = has.has(partOf(source)) || part === "query.backbone";
      const isFixed = tensor.name.includes(".buffers.") && name.endsWith("pos_embed"); // sines and cosines
      if (isWanted && !isFixed && part !== undefined && part !== "queue") differences.push(difference(source, tensor));
      return tensor;
    }
    if (there.shape.join() !== tensor.shape.join()) {
      differences.push(difference(source, tensor, there));
      return tensor;
    }
    if (part !== undefined && source === name) taken[part] = (taken[part] ?? 0) + 1;
    return { ...tensor, data: there.data };
  });
  const wanted = new Set(template.map(({ name }) => plainName(name)));
  for (const there of found) {
    if (partOf(there.name) === "query.backbone" && !wanted.has(there.name)) {
      differences.push(difference(there.name, undefined, there));
    }
  }
  const size = byName.get("queue.keys")?.shape[0];
  const fresh = [...new Set(template.flatMap(({ name }) => partOf(plainName(name)) ?? []))]
    .filter((part) => taken[part] === undefined);
  return differences.length > 0
    ? Either.left(differences)
    : Either.right({ tensors: size === undefined ? tensors : tensors.map((one) => counted(one, size)), taken, fresh });

  /** A difference in the file's words: its names, and its axes. */
  function difference(ours: string, wanted?: StoredTensor, there?: StoredTensor): Difference {
    const names = namesIn(layout, ours) ?? [ours];
    const shape = (tensor: StoredTensor | undefined) => {
      if (tensor === undefined) return "nothing";
      const [rows, ...others] = theirShape(tensor.shape);
      return `[${tensor.shape.length === 0 ? [] : [rows / names.length, ...others]}]`;
    };
    const path = names.map((name) => `${beginning}${name}`).join(", ");
    return { path, expected: shape(wanted), found: shape(there) };
  }
}

/** The part of a state that a tensor belongs to, or undefined for what no file of weights has. */
function partOf(name: string): string | undefined {
  return parts.exec(name)?.[0];
}

/** A queue that comes from a file is full of keys of images. */
function counted(tensor: StoredTensor, size: number): StoredTensor {
  return tensor.name === "queue.filled" ? { ...tensor, data: new Uint8Array(Int32Array.of(size).buffer) } : tensor;
}
