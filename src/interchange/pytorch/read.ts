/**
 * Weights out of the files that `torch.save` writes, in its present format (a zip archive) and in the one before, and
 * out of pickles of numpy's arrays. Nothing in a file is run: see {@linkcode unpickle}.
 *
 * @module
 */
import type { FormatError } from "../../files/errors.ts";
import { otherFormatOf } from "../../files/other_format.ts";
import { dtypeBytes, type StoredTensor, type TensorFile } from "../../files/safetensors.ts";
import { Either } from "../../core/either.ts";
import { isZip, openArchive } from "./archive.ts";
import { isTagged, kind, type Pickled, type PickledDict, PickleError, unpickle } from "./pickle.ts";
import {
  contiguous,
  isAllowed,
  isArray,
  type Storage,
  type StorageName,
  type TensorView,
  tensorView,
} from "./tensors.ts";

/**
 * Names under which trainings keep a network's weights beside other things, in the order in which they are looked for.
 */
const WEIGHTS = ["state_dict", "model", "model_state_dict", "model_state", "module", "net"];

/** Dictionaries of tensors in one file. */
const MOST_DICTIONARIES = 1000;

/** What a file of the old format begins with. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * The weights of a file.
 *
 * Where the file holds more than weights (an epoch, an optimizer), its numbers and texts come as metadata, and the
 * weights are what lies under the first of the usual names, `state_dict` before all.
 *
 * @param bytes The file.
 * @returns Right the tensors by their names in the file, in its order; left what is wrong with it.
 */
export async function readPyTorch(bytes: Uint8Array<ArrayBuffer>): Promise<Either<FormatError, TensorFile>> {
  try {
    const { value, storages } = isZip(bytes) ? await fromArchive(bytes) : fromStream(bytes);
    const { weights, others } = weightsOf(value);
    const tensors: StoredTensor[] = [];
    for (const [name, view] of tensorsIn(weights)) {
      const { dtype, inline } = view.storage;
      const storage = inline === undefined ? await storages(view.storage) : { dtype, data: inline };
      tensors.push(contiguous(name, view, storage));
    }
    if (tensors.length === 0) throw new PickleError("tensors by name", "none");
    return Either.right({ tensors, metadata: plainValues(others) });
  } catch (thrown) {
    if (!(thrown instanceof PickleError)) throw thrown;
    const { expected, found } = thrown;
    return Either.left({ _tag: "MalformedHeader", what: "the file", expected, found });
  }
}

/** What a file's pickle holds, and its storages. */
type Contents = {
  readonly value: Pickled;
  readonly storages: (name: StorageName) => Promise<Storage>;
};

async function fromArchive(bytes: Uint8Array<ArrayBuffer>): Promise<Contents> {
  const archive = await openArchive(bytes);
  if (!archive.has("data.pkl")) throw new PickleError("data.pkl in the archive, as torch.save writes it", "none");
  if (archive.has("byteorder")) {
    const order = new TextDecoder().decode(await archive.read("byteorder"));
    if (order !== "little") throw new PickleError("little-endian numbers", JSON.stringify(order));
  }
  const { value } = unpickle(await archive.read("data.pkl"), isAllowed);
  const known = new Map<string, Promise<Uint8Array>>();
  return {
    value,
    storages: async ({ key, dtype, count }) => {
      if (!known.has(key)) known.set(key, archive.read(`data/${key}`));
      const data = await known.get(key)!;
      if (data.length !== count * dtypeBytes[dtype]) {
        throw new PickleError(`${count} elements of ${dtype} in storage ${key}`, `${data.length} bytes`);
      }
      return { dtype, data };
    },
  };
}

/** The old format: five pickles, then each storage's length and elements. */
function fromStream(bytes: Uint8Array): Contents {
  let at = 0;
  const next = (): Pickled => {
    const { value, end } = unpickle(bytes.subarray(at), isAllowed);
    at += end;
    return value;
  };
  if (bytes.length < 2 || bytes[0] !== 0x80) {
    const found = bytes.length === 0 ? "an empty file" : otherFormatOf(bytes) ?? "something else";
    throw new PickleError("safetensors or a file of torch.save", found);
  }
  const first = next();
  if (isTagged(first, "Dict")) { // a pickle of numpy's arrays, as Detectron2's model zoo has them
    return { value: first, storages: ({ key }) => Promise.reject(new PickleError("arrays alone", `storage ${key}`)) };
  }
  if (first !== MAGIC) throw new PickleError("a file of torch.save", "another pickle");
  next(); // the protocol's version
  next(); // the system that wrote it; PyTorch writes little-endian numbers everywhere
  const value = next();
  const keys = next();
  if (!isTagged(keys, "List")) throw new PickleError("the storages' names", kind(keys));
  const widths = new Map<string, StorageName>();
  for (const { storage } of viewsIn(value)) widths.set(storage.key, storage);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, Uint8Array>();
  for (const key of keys.items) {
    const name = typeof key === "string" ? widths.get(key) : undefined;
    if (name === undefined) throw new PickleError("storages that tensors are in", `${kind(key)} without any`);
    const left = bytes.length - at - 8;
    const length = left < 0 ? -1 : Number(view.getBigInt64(at, true)) * dtypeBytes[name.dtype];
    if (length !== name.count * dtypeBytes[name.dtype] || length > left) {
      throw new PickleError(`${name.count} elements of ${name.dtype} in storage ${name.key}`, `${left} more bytes`);
    }
    found.set(name.key, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return {
    value,
    storages: ({ key, dtype }) => {
      const data = found.get(key);
      if (data === undefined) throw new PickleError(`storage ${key}`, "none");
      return Promise.resolve({ dtype, data });
    },
  };
}

/** Every tensor below a value, however deep, that lies in a storage. */
function* viewsIn(value: Pickled): Generator<TensorView> {
  const seen = new Set<Pickled>();
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isArray(next)) continue; // which holds its elements itself
    const view = tensorView(next);
    if (view !== undefined) yield view;
    else if (isTagged(next, "Dict")) { for (const item of next.entries.values()) open.push(item); }
    else if (isTagged(next, "List") || isTagged(next, "Tuple")) { for (const item of next.items) open.push(item); }
    else if (isTagged(next, "Object")) {
      for (const item of [next.args, [...next.entries.values()], [next.state ?? null]].flat()) open.push(item);
    }
  }
}

function weightsOf(value: Pickled): { readonly weights: PickledDict; readonly others?: PickledDict } {
  if (!isTagged(value, "Dict")) throw new PickleError("a dictionary of tensors", kind(value));
  for (const name of WEIGHTS) {
    const found = value.entries.get(name) ?? null;
    if (isTagged(found, "Dict")) return { weights: found, others: value };
  }
  return { weights: value };
}

/** The tensors of nested dictionaries, by their joined names. */
function* tensorsIn(
  dict: PickledDict,
  path = "",
  entered = new Set<PickledDict>(),
): Generator<readonly [string, TensorView]> {
  if (entered.size === MOST_DICTIONARIES) throw new PickleError(`${MOST_DICTIONARIES} dictionaries at most`, "more");
  if (entered.has(dict)) throw new PickleError("each dictionary once", `one again at ${path}`);
  entered.add(dict);
  for (const [key, value] of dict.entries) {
    const name = `${path}${String(key)}`;
    const view = tensorView(value);
    if (view !== undefined) yield [name, view];
    else if (isTagged(value, "Dict")) yield* tensorsIn(value, `${name}.`, entered);
  }
}

/** Numbers and texts by name. */
function plainValues(dict: PickledDict | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...dict?.entries ?? []].flatMap(([key, value]) =>
      typeof key === "string" && ["number", "string", "boolean"].includes(typeof value) ? [[key, `${value}`]] : []
    ),
  );
}
