/**
 * Images a second of several processes beside one, on this machine, and what the model says of more devices:
 * `deno run -A bench/scaling.ts [workers...] [--steps n] [--rounds n] [--only <part of a name>]`.
 *
 * One process has a thread for each worker that it is compared with. The two are timed in turns, since a machine's speed
 * changes while it is measured; what is printed is the median of the rounds. Without workers, only the model is printed.
 *
 * @module
 */
import { freePorts } from "../src/engine/collective/mod.ts";
import { median } from "./scaling/median.ts";
import { projections, stepSeconds } from "./scaling/model.ts";
import { workloads } from "./scaling/workloads.ts";

const option = (name: string, usual: string): string => {
  const place = Deno.args.indexOf(name);
  return place < 0 ? usual : Deno.args[place + 1];
};
const steps = option("--steps", "8");
const rounds = Number(option("--rounds", "3"));
const only = option("--only", "");
const options = Deno.args.findIndex((text) => text.startsWith("--"));
const counts = Deno.args.slice(0, options < 0 ? undefined : options).map(Number);

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
    const pairs: (readonly [one: Timed, several: Timed])[] = [];
    for (let round = 0; round < rounds; round++) {
      pairs.push([await timed(name, 1, workers), await timed(name, workers, 1)]);
    }
    const medianOf = (value: (one: Timed, several: Timed) => number) =>
      median(pairs.map(([one, several]) => value(one, several)));
    const rate = ({ ms }: Timed) => batch / ms * 1000;
    console.log(
      `| ${name}, batch ${batch} | 1, ${workers} threads | ${medianOf((one) => rate(one)).toFixed(1)} | | |`,
    );
    console.log(
      `| | ${workers}, a thread each | ${medianOf((_, several) => rate(several)).toFixed(1)} | ` +
        `${medianOf((one, several) => one.ms / several.ms).toFixed(2)} | ` +
        `${(100 * medianOf((_, { alone, ms }) => 1 - alone! / ms)).toFixed(0)} % of ` +
        `${medianOf((_, { ms }) => ms).toFixed(0)} ms, for ${(pairs[0][1].bytes / 1e6).toFixed(0)} MB of gradients |`,
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
