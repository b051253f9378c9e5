import { dispose, scope } from "../../core/scope.ts";
import { type Cluster, tf } from "../../engine/mod.ts";
import { gatherFromMembers } from "../../engine/collective/mod.ts";

/**
 * What each process of a cluster says, in the order of their ranks. Every process takes part, and gets all of it.
 *
 * @param cluster The cluster, as this process sees it.
 * @param said What this process says: what JSON can express.
 */
export function wordsOfAll<T>(cluster: Cluster, said: T): readonly T[] {
  const bytes = new TextEncoder().encode(JSON.stringify(said));
  const lengths = numbersOfAll(cluster, Int32Array.of(bytes.length));
  const numbers = new Int32Array(Math.ceil(Math.max(...lengths) / Int32Array.BYTES_PER_ELEMENT));
  new Uint8Array(numbers.buffer).set(bytes);
  const all = new Uint8Array(numbersOfAll(cluster, numbers).buffer);
  return Array.from(lengths, (length, rank) => {
    const first = rank * numbers.byteLength;
    return JSON.parse(new TextDecoder().decode(all.subarray(first, first + length)));
  });
}

/**
 * What the first process of a cluster says. Every process takes part.
 *
 * @param cluster The cluster, as this process sees it.
 * @param said What is said, if this is the first process.
 */
export function wordsOfFirst<T>(cluster: Cluster, said?: T): T {
  return wordsOfAll(cluster, said ?? null)[0] as T;
}

/** The numbers of all processes, one process's after the other's. */
function numbersOfAll(cluster: Cluster, own: Int32Array): Int32Array {
  const all = scope(() => gatherFromMembers(cluster, tf.tensor1d(own, "int32")));
  const numbers = Int32Array.from(all.dataSync<"int32">());
  dispose({ all });
  return numbers;
}
