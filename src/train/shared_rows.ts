/**
 * The tables of a state that several processes share. A checkpoint has them whole, whatever the number of processes.
 *
 * @module
 */
import { tensorsOf } from "../checkpoint/state.ts";
import { type Part, rowsHere } from "../core/devices.ts";
import { entries, type Tree } from "../core/tree.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import type { LazyTensor } from "../files/tensor_file.ts";
import type { PerImage } from "../methods/types.ts";
import type { Team } from "./team.ts";

/**
 * The tensors of a state as a checkpoint has them. Where several processes train, each of them takes part, and the
 * first one saves what it gets.
 *
 * @param state The state; borrowed until the tensors are read.
 * @param perImage Which tables the processes share.
 * @param team The processes.
 */
export function wholeTensors(
  state: Tree,
  perImage: PerImage | undefined,
  team: Team | undefined,
): readonly LazyTensor[] {
  const tensors = tensorsOf(state);
  if (perImage === undefined || team === undefined) return tensors;
  const { images, leaves } = perImage;
  const tables = new Map(entries(state).filter(([path]) => leaves.includes(path)));
  return tensors.map((tensor) => {
    const table = tables.get(tensor.name);
    if (table === undefined) return tensor;
    const bytes = team.collect(table, images);
    return { ...tensor, shape: [images, ...tensor.shape.slice(1)], read: () => bytes };
  });
}

/**
 * A process's part of the tensors of a checkpoint: of each table that the processes share its own rows.
 *
 * @param tensors The tensors of the checkpoint.
 * @param perImage Which tables the processes share.
 * @param part The part.
 */
export function partOfTensors(
  tensors: readonly StoredTensor[],
  perImage: PerImage | undefined,
  part: Part,
): readonly StoredTensor[] {
  if (perImage === undefined || part.count === 1) return tensors;
  return tensors.map((tensor) => perImage.leaves.includes(tensor.name) ? partOfRows(tensor, part) : tensor);
}

/** The rows i with i mod `count` = `index`, and zeros where others have one more. */
function partOfRows(tensor: StoredTensor, { index, count }: Part): StoredTensor {
  const { shape: [images, ...shape], data } = tensor;
  const rows = rowsHere(images, { index, count });
  const size = data.length / images;
  const own = new Uint8Array(rows * size);
  for (let row = 0, from = index; from < images; row++, from += count) {
    own.set(data.subarray(from * size, (from + 1) * size), row * size);
  }
  return { ...tensor, shape: [rows, ...shape], data: own };
}
