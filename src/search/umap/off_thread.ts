import type { FromWorker } from "./worker.ts";
import type { Work } from "./work.ts";

/**
 * Does the work of a map in a thread of its own, so that the program goes on meanwhile.
 *
 * @param work What is laid out.
 * @param onEpoch Called after each epoch, with its number.
 * @returns The coordinates.
 */
export function offThread(work: Work, onEpoch?: (epoch: number) => void): Promise<Float64Array> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const ended = new Promise<Float64Array>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if ("epoch" in data) onEpoch?.(data.epoch);
      else resolve(data.coordinates);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      reject(new Error(`Cannot lay out the map: ${event.message}`));
    });
    worker.postMessage(work);
  });
  return ended.finally(() => worker.terminate());
}
