/**
 * The queue of keys: first in, first out, with the oldest row first.
 *
 * Source: arXiv:1911.05722, section 3.2 ("The current mini-batch is enqueued to the dictionary, and the oldest mini-batch
 * in the queue is removed").
 *
 * @module
 */
import type { Matrix } from "./matrix.ts";

/** The rows of a queue, oldest first, and how many of them are keys of images (the others are the random start). */
export type Queue = { readonly keys: Matrix; readonly filled: number };

/**
 * The queue after a batch of keys came in: the last K rows of old keys followed by new ones. Written as one `shift`
 * for each `push`, so that it holds for every batch size and every K.
 */
export function enqueue(queue: Queue, batch: Matrix): Queue {
  const keys = [...queue.keys];
  let filled = queue.filled;
  for (const key of batch) {
    keys.push(key);
    keys.shift();
    if (filled < keys.length) filled++;
  }
  return { keys, filled };
}
