import type { StoredTensor } from "../../files/safetensors.ts";

/** The tensor in which the authors' MoCo keeps the place in its queue that is written next. */
export const POINTER = "queue_ptr";

/**
 * The keys of the authors' queue with the oldest first, as ours has them. Theirs lie in a ring: the oldest is the one
 * that is overwritten next.
 *
 * @param keys float32 [K, D].
 * @param pointer The place of the oldest, or undefined where the file does not say.
 */
export function oldestFirst(keys: StoredTensor, pointer: StoredTensor | undefined): StoredTensor {
  const [rows] = keys.shape;
  const place = pointer?.dtype === "I64" && pointer.data.length === 8
    ? Number(new BigInt64Array(pointer.data.slice().buffer)[0])
    : 0;
  if (!(place > 0 && place < rows)) return keys;
  const at = place * (keys.data.length / rows);
  const data = new Uint8Array(keys.data.length);
  data.set(keys.data.subarray(at));
  data.set(keys.data.subarray(0, at), keys.data.length - at);
  return { ...keys, data };
}
