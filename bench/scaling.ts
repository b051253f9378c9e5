/**
 * Images a second of several processes beside one, on this machine, and what the model says of more devices:
 * `deno run -A bench/scaling.ts [workers...] [--steps n] [--rounds n] [--only <part of a name>] [--batch n]
 * [--wire bfloat16] [--link 1gbit[,10ms]]`.
 *
 * One process has a thread for each worker that it is compared with. All are alive, and take their steps when it is
 * their turn, since a machine's speed changes while it is measured. What is printed is the median of the rounds.
 * Without workers, only the model is printed.
 *
 * With a link, each worker runs on a host of its own, which sends so many bits a second, and each packet arrives so
 * much later. This needs root. The model's time for that link is printed beside the measured one.
 *
 * @module
 */
import { median } from "../src/core/median.ts";
import type { Link } from "./scaling/hosts.ts";
import { projections, stepSeconds } from "./scaling/model.ts";
import { startTeam, type Turn } from "./scaling/team.ts";
import { type Workload, workloads } from "./scaling/workloads.ts";

const option = (name: string, usual: string): string => {
  const place = Deno.args.indexOf(name);
  return place < 0 ? usual : Deno.args[place + 1];
};
const steps = Number(option("--steps", "2"));
const rounds = Number(option("--rounds", "10"));
const only = option("--only", "");
const wire = option("--wire", "float32");
const link = linkOf(option("--link", ""));
const options = Deno.args.findIndex((text) => text.startsWith("--"));
const counts = Deno.args.slice(0, options < 0 ? undefined : options).map(Number);

/** A link as "1gbit,10ms" describes it. */
function linkOf(text: string): Link | undefined {
  const found = text.match(/^([\d.]+)([kmg])bit(?:,([\d.]+)ms)?$/);
  if (text !== "" && found === null) throw new RangeError(`Cannot read --link: expected 1gbit,10ms, found ${text}`);
  if (found === null) return undefined;
  const [, rate, unit, delay = "0"] = found;
  return { bits: Number(rate) * (unit === "k" ? 1e3 : unit === "m" ? 1e6 : 1e9), delay: Number(delay) / 1000 };
}

/** A turn of one process, and of several with and without what they compute together. */
type Round = { readonly one: Turn; readonly several: Turn; readonly alone: Turn };

/** Rounds that are not counted, while compilers and caches settle. */
const warmups = 1;

/** What one process and several take for a step, in turns. */
async function measured(workload: string, batch: number, workers: number): Promise<readonly Round[]> {
  const common = { workload, batch, wire };
  const one = await startTeam({ ...common, workers: 1, threads: workers });
  const several = await startTeam({ ...common, workers, threads: 1, link });
  try {
    const found: Round[] = [];
    for (let round = 0; round < warmups + rounds; round++) {
      found.push({
        one: await one.go("together", steps),
        several: await several.go("together", steps),
        alone: await several.go("alone", steps),
      });
    }
    return found.slice(warmups);
  } finally {
    await Promise.all([one.stop(), several.stop()]);
  }
}

/** What the model says of a link: milliseconds of a step in collectives. */
function modelled({ bits, delay }: Link, work: Workload, gradients: number, workers: number): number {
  const costs = { ...work, perImage: 0, gradients, bandwidth: bits / 8, latency: delay };
  return 1000 * stepSeconds(costs, workers).collective;
}

if (counts.length > 0) {
  console.log("| step | workers | images/s | of one process | its processor time | collectives, share of the time |");
  console.log("| --- | --- | --- | --- | --- | --- |");
}
for (const [name, work] of Object.entries(workloads).filter(([name]) => name.includes(only))) {
  const batch = Number(option("--batch", String(work.batch)));
  for (const workers of counts) {
    const found = await measured(name, batch, workers);
    const medianOf = (value: (round: Round) => number) => median(found.map(value));
    const rate = ({ ms }: Turn) => (batch / ms * 1000).toFixed(1);
    const [one, several, alone] = (["one", "several", "alone"] as const).map((which) => ({
      ms: medianOf((round) => round[which].ms),
      processor: medianOf((round) => round[which].processor),
      bytes: found[0][which].bytes,
    }));
    const ratios = found.map(({ one, several }) => one.ms / several.ms).toSorted((a, b) => a - b);
    const [least, greatest] = [ratios[0], ratios.at(-1)!].map((ratio) => ratio.toFixed(2));
    const share = medianOf(({ several, alone }) => 1 - alone.ms / several.ms);
    console.log(
      `| ${name}, batch ${batch} | 1, ${workers} threads | ${rate(one)} | | ${one.processor.toFixed(0)} ms | |`,
    );
    console.log(
      `| | ${workers}, a thread each | ${rate(several)} | ${median(ratios).toFixed(2)} (${least} to ${greatest}) | ` +
        `${several.processor.toFixed(0)} ms each | ${(100 * share).toFixed(0)} % of ${several.ms.toFixed(0)} ms, ` +
        `for ${(several.bytes / 1e6).toFixed(0)} MB of gradients |`,
    );
    if (link === undefined) continue;
    const said = modelled(link, { ...work, batch }, several.bytes, workers);
    const whole = alone.ms + said;
    console.log(
      `| | the model | ${rate({ ...alone, ms: whole })} | | | ` +
        `${(100 * said / whole).toFixed(0)} % of ${whole.toFixed(0)} ms; measured ${several.ms.toFixed(0)} |`,
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
