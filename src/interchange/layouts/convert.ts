/**
 * The tensors of a state in another layout, and back.
 *
 * A tensor of ours is named here as in a state without `params` and `buffers`: `query.backbone.conv1.weight`.
 *
 * @module
 */
import type { StoredTensor } from "../../files/safetensors.ts";
import { withOurAxes, withTheirAxes } from "./axes.ts";
import { namesIn, type Recognised } from "./recognise.ts";
import type { Layout } from "./table.ts";
import { isFloating, widened } from "./widen.ts";

/**
 * A file's tensors as they are here: float32, with our names and axes. Parts that lie apart in the file, such as
 * queries, keys and values, become one. A tensor is left out if a part of it is missing or of another shape. So are
 * tensors that are not floating-point, such as counts.
 *
 * @param recognised The file's layout.
 * @param tensors The file's tensors.
 */
export function fromLayout({ layout, places }: Recognised, tensors: readonly StoredTensor[]): StoredTensor[] {
  const parts = new Map<string, StoredTensor[]>();
  for (const tensor of tensors) {
    const place = places.get(tensor.name);
    if (place === undefined || !isFloating(tensor)) continue;
    const found = parts.get(place.ours) ?? [];
    found[place.part] = widened(tensor);
    parts.set(place.ours, found);
  }
  return [...parts].flatMap(([ours, found]) => {
    const wanted = namesIn(layout, ours)?.length ?? 1;
    const shape = found.find((part) => part !== undefined)?.shape.join();
    const isWhole = Array.from({ length: wanted }, (_, part) => found[part]).every((part) =>
      part?.shape.join() === shape
    );
    return isWhole ? [{ ...withOurAxes(joined(found)), name: ours }] : [];
  });
}

/**
 * Tensors of ours in another layout: float32, with its names and axes. What the layout has no place for is left out.
 *
 * @param layout The layout.
 * @param tensors Ours.
 */
export function toLayout(layout: Layout, tensors: readonly StoredTensor[]): StoredTensor[] {
  return tensors.flatMap((tensor) => {
    const names = namesIn(layout, tensor.name);
    if (names === undefined) return [];
    const parts = cut(withTheirAxes(tensor), names.length);
    return parts.map((part, index) => ({ ...part, name: names[index] }));
  });
}

/** Tensors one after another along their first axis. */
function joined(parts: readonly StoredTensor[]): StoredTensor {
  if (parts.length === 1) return parts[0];
  const [first] = parts;
  const data = new Uint8Array(parts.reduce((length, { data }) => length + data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  return { ...first, shape: [rows, ...first.shape.slice(1)], data };
}

/** Equal parts along the first axis. */
function cut(tensor: StoredTensor, count: number): readonly StoredTensor[] {
  const [rows, ...others] = tensor.shape;
  const length = tensor.data.length / count;
  return Array.from({ length: count }, (_, part) => ({
    ...tensor,
    shape: count === 1 ? tensor.shape : [rows / count, ...others],
    data: tensor.data.subarray(part * length, (part + 1) * length),
  }));
}
