/**
 * Images a second of several processes beside one, on this machine, and what the model says of more devices:
 * `deno run -A bench/scaling.ts [workers...] [--steps n] [--only <part of a name>]`.
 *
 * One process has a thread for each worker that it is compared with. Without workers, only the model is printed.
 *
 * @module
 */
import { freePorts } from "../src/engine/collective/mod.ts";
import { projections, stepSeconds } from "./scaling/model.ts";
import { workloads } from "./scaling/workloads.ts";

const option = (name: string, usual: string): string => {
  const place = Deno.args.indexOf(name);
  return place < 0 ? usual : Deno.args[place + 1];
};
const steps = option("--steps", "8");
const only = option("--only", "");
const counts = Deno.args.filter((text) => /^[1-9]\d*$/.test(text) && text !== steps).map(Number);

type Timed = { readonly ms: number; readonly bytes: number; readonly alone?: number };

/** The slowest of some processes. */
async function timed(name: string, workers: number, threads: number): Promise<Timed> {
  const addresses = freePorts(workers).map((port) => `127.0.0.1:${port}`);
  const outputs = await Promise.all(addresses.map((_, rank) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "-A", new URL("./scaling/worker.ts", import.meta.url).href],
        ...[name, steps, String(rank), ...addresses],
      ],
      env: { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: String(threads) },
      stderr: "inherit",
    }).output()
  ));
  const results = outputs.map(({ stdout }): Timed => JSON.parse(new TextDecoder().decode(stdout)));
  return results.reduce((slowest, each) => each.ms > slowest.ms ? each : slowest);
}

if (counts.length > 0) {
  console.log("| step | workers | images/s | of one process | collectives, share of the time |");
  console.log("| --- | --- | --- | --- | --- |");
}
for (const [name, { batch }] of Object.entries(workloads).filter(([name]) => name.includes(only))) {
  for (const workers of counts) {
    const one = await timed(name, 1, workers);
    const several = await timed(name, workers, 1);
    const share = 1 - several.alone! / several.ms;
    const rate = (ms: number) => (batch / ms * 1000).toFixed(1);
    console.log(`| ${name}, batch ${batch} | 1, ${workers} threads | ${rate(one.ms)} | | |`);
    console.log(
      `| | ${workers}, a thread each | ${rate(several.ms)} | ${(one.ms / several.ms).toFixed(2)} | ` +
        `${(100 * share).toFixed(1)} % of ${several.ms.toFixed(0)} ms, for ${
          (several.bytes / 1e6).toFixed(1)
        } MB of gradients |`,
    );
  }
}

console.log("\n| training | GPUs | ms a step | in collectives | of perfect scaling |");
console.log("| --- | --- | --- | --- | --- |");
for (const [name, costs] of Object.entries(projections)) {
  for (const devices of [8, 64, 512].filter((count) => count <= costs.batch)) {
    const { compute, collective } = stepSeconds(costs, devices);
    const [ms, share] = [1000 * (compute + collective), collective / (compute + collective)];
    console.log(
      `| ${name} | ${devices} | ${ms.toFixed(1)} | ${(100 * share).toFixed(0)} % | ${(1 - share).toFixed(2)} |`,
    );
  }
}
