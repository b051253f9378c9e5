/**
 * Throughput of a whole MoCo v2 step on fixed views: eager and compiled, float32 and bfloat16. Run by `deno task bench`.
 *
 * @module
 */
import { createMoco, engineInfo, jit, type JitOptions, key, normal, release, type Tree } from "../mod.ts";
import { workloads } from "./workloads.ts";

console.log(`TensorFlow ${engineInfo().tensorflow} on ${engineInfo().devices.map((device) => device.type).join(", ")}`);

const modes: Readonly<Record<string, JitOptions | undefined>> = {
  eager: undefined,
  "jit float32": {},
  "jit bfloat16": { precision: "bfloat16" },
};

for (const workload of workloads) {
  for (const [mode, options] of Object.entries(modes)) {
    const moco = createMoco(workload.config);
    const { batch, config } = workload;
    const step = options === undefined ? moco.step : jit(moco.step, options);
    const views = { query: normal(key(1), [batch, ...config.input]), key: normal(key(2), [batch, ...config.input]) };
    let state: Tree & ReturnType<typeof moco.init> = moco.init(key(0));
    let milliseconds = 0;
    let steps = 0;
    const advance = () => {
      const { state: next, metrics } = step(state, views);
      metrics.loss.dataSync(); // waits for the device
      release({ state, metrics }, next);
      state = next;
    };
    Deno.bench({
      name: mode,
      group: `step: ${workload.name}`,
      baseline: mode === "eager",
      warmup: 2,
      n: 10,
      fn: (bench) => {
        const start = performance.now();
        bench.start();
        advance();
        bench.end();
        milliseconds += performance.now() - start;
        steps++;
        if (steps === 12) console.log(`  ${(1000 * batch * steps / milliseconds).toFixed(0)} images/s  ${mode}`);
      },
    });
  }
}
