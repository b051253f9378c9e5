/**
 * The compiled step against the eager one, in turn, so that a change of the machine's speed meets both:
 * `deno run -A bench/compiled_against_eager.ts [part of a workload's name]`.
 *
 * @module
 */
import { jit, key, normal, release } from "../mod.ts";
import { workloads } from "./workloads.ts";

const [warmup, counted] = [2, 10];

/** The middle one, with the least and the greatest. */
function summary(values: readonly number[]): [median: number, min: number, max: number] {
  const sorted = values.slice(warmup).sort((a, b) => a - b);
  return [sorted[counted / 2], sorted[0], sorted[counted - 1]];
}

for (const { name, batch, input, method } of workloads.filter(({ name }) => name.includes(Deno.args[0] ?? ""))) {
  const views = { query: normal(key(1), [batch, ...input]), key: normal(key(2), [batch, ...input]) };
  const runs = [method.step, jit(method.step)].map((step) => ({
    step,
    state: method.init(key(0)),
    times: [] as number[],
  }));
  for (let i = 0; i < warmup + counted; i++) {
    for (const run of runs) {
      const start = performance.now();
      const next: ReturnType<typeof method.step> = run.step(run.state, views);
      next.metrics.loss.dataSync(); // waits for the device
      run.times.push(performance.now() - start);
      release({ state: run.state, metrics: next.metrics }, next.state);
      run.state = next.state;
    }
  }
  const [eager, compiled] = runs.map(({ times }) => times);
  const [ratio, least, greatest] = summary(eager.map((time, index) => time / compiled[index]));
  const speed = (times: number[]) => (1000 * batch / summary(times)[0]).toFixed(0);
  console.log(
    `${name}: eager ${speed(eager)}, compiled ${speed(compiled)} images/s; ` +
      `${ratio.toFixed(2)}x (${least.toFixed(2)} to ${greatest.toFixed(2)})`,
  );
}
