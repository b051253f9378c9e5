/**
 * The thread of `off_thread.ts`: lays out one map.
 *
 * @module
 */
import { type Work, work } from "./work.ts";

/** What the thread says: that an epoch is over, or where the points are at the end. */
export type FromWorker = { readonly epoch: number } | { readonly coordinates: Float64Array };

const thread = globalThis as unknown as { readonly postMessage: (message: FromWorker) => void };

globalThis.addEventListener("message", (event) => {
  const asked = (event as MessageEvent<Work>).data;
  thread.postMessage({ coordinates: work(asked, (epoch) => thread.postMessage({ epoch })) });
});
