/**
 * Throughput of whole steps on fixed views: eager and compiled, float32 and (where the processor has it)
 * bfloat16. Run by `deno task bench`.
 *
 * @module
 */
import { engineInfo, hasFastBfloat16, jit, type JitOptions, key, normal, release } from "../mod.ts";
import { workloads } from "./workloads.ts";

console.log(`TensorFlow ${engineInfo().tensorflow} on ${engineInfo().devices.map((device) => device.type).join(", ")}`);

const modes: Readonly<Record<string, JitOptions | undefined>> = {
  eager: undefined,
  "jit float32": {},
  // Where the processor has no bfloat16, TensorFlow emulates it, some ten times slower: not worth timing.
  ...(hasFastBfloat16() ? { "jit bfloat16": { precision: "bfloat16" } } : {}),
};

/** Deno's own count of calls: the first ones trace and fill caches. */
const [warmup, counted] = [2, 10];

for (const { name, batch, input, method } of workloads) {
  for (const [mode, options] of Object.entries(modes)) {
    const step = options === undefined ? method.step : jit(method.step, options);
    const views = { query: normal(key(1), [batch, ...input]), key: normal(key(2), [batch, ...input]) };
    let state = method.init(key(0));
    const times: number[] = [];
    Deno.bench({
      name: mode,
      group: `step: ${name}`,
      baseline: mode === "eager",
      warmup,
      n: counted,
      fn: () => {
        const start = performance.now();
        const { state: next, metrics } = step(state, views);
        metrics.loss.dataSync(); // waits for the device
        release({ state, metrics }, next);
        state = next;
        times.push(performance.now() - start);
        if (times.length < warmup + counted) return;
        const median = times.slice(-counted).sort((a, b) => a - b)[counted / 2];
        console.log(`  ${(1000 * batch / median).toFixed(0)} images/s, ${name}, ${mode}`);
      },
    });
  }
}
