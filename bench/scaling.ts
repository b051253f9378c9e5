/**
 * Images a second of several processes beside one, on this machine, and what the model says of more devices:
 * `deno run -A bench/scaling.ts [workers...] [--steps n] [--rounds n] [--only <part of a name>] [--wire bfloat16]
 * [--link 1gbit[,10ms]]`.
 *
 * One process has a thread for each worker that it is compared with. The two are timed in turns, since a machine's
 * speed changes while it is measured; what is printed is the median of the rounds. Without workers, only the model is
 * printed.
 *
 * With a link, each worker runs on a host of its own, which sends so many bits a second, and each packet arrives so
 * much later. This needs root. The model's time for that link is printed beside the measured one.
 *
 * @module
 */
import { freePorts } from "../src/engine/collective/mod.ts";
import { type Hosts, type Link, openHosts } from "./scaling/hosts.ts";
import { median } from "./scaling/median.ts";
import { projections, stepSeconds } from "./scaling/model.ts";
import { type Workload, workloads } from "./scaling/workloads.ts";

const option = (name: string, usual: string): string => {
  const place = Deno.args.indexOf(name);
  return place < 0 ? usual : Deno.args[place + 1];
};
const steps = option("--steps", "8");
const rounds = Number(option("--rounds", "3"));
const only = option("--only", "");
const wire = option("--wire", "float32");
const link = linkOf(option("--link", ""));
const options = Deno.args.findIndex((text) => text.startsWith("--"));
const counts = Deno.args.slice(0, options < 0 ? undefined : options).map(Number);

type Timed = { readonly ms: number; readonly bytes: number; readonly alone?: number };

/** A link as "1gbit,10ms" describes it. */
function linkOf(text: string): Link | undefined {
  const found = text.match(/^([\d.]+)([kmg])bit(?:,([\d.]+)ms)?$/);
  if (text !== "" && found === null) throw new RangeError(`Cannot read --link: expected 1gbit,10ms, found ${text}`);
  if (found === null) return undefined;
  const [, rate, unit, delay = "0"] = found;
  return { bits: Number(rate) * (unit === "k" ? 1e3 : unit === "m" ? 1e6 : 1e9), delay: Number(delay) / 1000 };
}

/** This machine, or a host for each of several workers. */
async function placesOf(workers: number): Promise<Hosts> {
  if (workers > 1 && link !== undefined) {
    const { addresses, ...hosts } = await openHosts(workers, link);
    return { addresses: addresses.map((address) => `${address}:4000`), ...hosts };
  }
  return {
    addresses: freePorts(workers).map((port) => `127.0.0.1:${port}`),
    on: (_, [command, ...args]) => [command, ...args],
    close: () => Promise.resolve(),
  };
}

/** The slowest of some processes. */
async function timed(name: string, workers: number, threads: number): Promise<Timed> {
  const { addresses, on, close } = await placesOf(workers);
  const program = new URL("./scaling/worker.ts", import.meta.url).href;
  const outputs = await Promise.all(addresses.map((_, rank) => {
    const own = [Deno.execPath(), "run", "--no-check", "-A", program, name, steps, wire, String(rank), ...addresses];
    const [command, ...args] = on(rank, own);
    const env = { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: String(threads) };
    return new Deno.Command(command, { args, env, stderr: "inherit" }).output();
  }));
  await close();
  const results = outputs.map(({ stdout }): Timed => JSON.parse(new TextDecoder().decode(stdout)));
  return results.reduce((slowest, each) => each.ms > slowest.ms ? each : slowest);
}

/** What the model says of a link: milliseconds of a step in collectives. */
function modelled({ bits, delay }: Link, work: Workload, gradients: number, workers: number): number {
  const costs = { ...work, perImage: 0, gradients, bandwidth: bits / 8, latency: delay };
  return 1000 * stepSeconds(costs, workers).collective;
}

if (counts.length > 0) {
  console.log("| step | workers | images/s | of one process | collectives, share of the time |");
  console.log("| --- | --- | --- | --- | --- |");
}
for (const [name, work] of Object.entries(workloads).filter(([name]) => name.includes(only))) {
  const { batch } = work;
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
    if (link === undefined) continue;
    const [ms, alone] = [medianOf((_, { ms }) => ms), medianOf((_, { alone }) => alone!)];
    const said = modelled(link, work, pairs[0][1].bytes, workers);
    console.log(
      `| | the model | ${(1000 * batch / (alone + said)).toFixed(1)} | | ` +
        `${(100 * said / (alone + said)).toFixed(0)} % of ${(alone + said).toFixed(0)} ms; measured ${ms.toFixed(0)} |`,
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
