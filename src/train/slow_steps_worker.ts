/**
 * The worker of `slow_steps.ts`: writes a line to standard error whenever something has been running for long.
 *
 * @module
 */
import { progressInterval, renderDuration, standardError } from "./progress.ts";
import type { Running } from "./slow_steps.ts";

let running: Running | undefined;
let [since, said] = [0, 0];

globalThis.addEventListener("message", (event) => {
  running = (event as MessageEvent<Running>).data;
  since = said = performance.now();
});

setInterval(() => {
  const now = performance.now();
  if (running === undefined || now - said < 1000 * progressInterval) return;
  said = now;
  const { line: [start, end] } = running;
  standardError.write(`${start}: ${renderDuration((now - since) / 1000)} so far${end}`);
}, 1000);
