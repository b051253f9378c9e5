/**
 * Throughput of whole steps on fixed views: eager and compiled, float32 and (where the processor has it)
 * bfloat16. Run by `deno task bench`.
 *
 * @module
 */
import { dispose, engineInfo, hasFastBfloat16, jit, type JitOptions, key, normal, release } from "../mod.ts";
import { methodOf } from "./peers/our_method.ts";
import { names, workload } from "./peers/workloads.ts";
import { type Workload, workloads } from "./workloads.ts";

console.log(`TensorFlow ${engineInfo().tensorflow} on ${engineInfo().devices.map((device) => device.type).join(", ")}`);

/** Deno's own count of calls: the first ones trace and fill caches. */
const warmup = 2;

const hasGpu = engineInfo().devices.some((device) => device.type === "GPU");

const modes: Readonly<Record<string, JitOptions | undefined>> = {
  eager: undefined,
  "jit float32": {},
  // Where the processor has no bfloat16, TensorFlow emulates it, some ten times slower: not worth timing.
  ...(hasFastBfloat16() ? { "jit bfloat16": { precision: "bfloat16" } } : {}),
};

for (const { name, batch, input, method } of workloads) {
  for (const [mode, options] of Object.entries(modes)) add({ name, batch, input, method, mode, options, counted: 10 });
}

// The steps that are also timed beside other libraries, which take seconds each.
for (const name of names) {
  const work = workload(name, hasGpu ? "gpu" : "cpu");
  if (work.images !== undefined) continue; // augmentation is timed as a part
  const { batch, input } = work;
  for (const [mode, options] of Object.entries(modes)) {
    if (options === undefined) continue; // ViT-small's activations take some 10 GB eagerly
    add({ name: `${name}, batch ${batch}`, batch, input, method: methodOf(work), mode, options, counted: 3 });
  }
}

type Timed = Workload & { readonly mode: string; readonly options: JitOptions | undefined; readonly counted: number };

function add({ name, batch, input, method, mode, options, counted }: Timed): void {
  const step = options === undefined ? method.step : jit(method.step, { ...options, donated: [0] });
  // Made at the first call and given back after the last: the steps' memory together is some gigabytes.
  const begin = () => ({
    state: method.init(key(0)),
    views: { query: normal(key(1), [batch, ...input]), key: normal(key(2), [batch, ...input]) },
  });
  let work: ReturnType<typeof begin> | undefined;
  const times: number[] = [];
  Deno.bench({
    name: mode,
    group: `step: ${name}`,
    baseline: mode === "eager",
    warmup,
    n: counted,
    fn: () => {
      const { state, views } = work ??= begin();
      const start = performance.now();
      const { state: next, metrics } = step(state, views);
      metrics.loss.dataSync(); // waits for the device
      release({ state, metrics }, next);
      work = { state: next, views };
      times.push(performance.now() - start);
      if (times.length < warmup + counted) return;
      dispose(work);
      work = undefined;
      const median = times.slice(-counted).sort((a, b) => a - b)[counted >> 1];
      console.log(`  ${(1000 * batch / median).toPrecision(3)} images/s, ${name}, ${mode}`);
    },
  });
}
