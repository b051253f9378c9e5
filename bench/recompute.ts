/**
 * What recomputation saves and costs: MoCo v3's step with ViT-small at 224 pixels, batch 8, plain and with its blocks
 * recomputed: `deno run -A bench/recompute.ts [compiled|bfloat16|eager] [ROUNDS]`. Linux only.
 *
 * Each is a process of its own, as the most memory that a process has had only grows; they take their steps in turn, so
 * that a change of the machine's speed meets both.
 *
 * @module
 */
import { commandOf, type Contestant } from "./peers/contestants.ts";
import { measure, resultsOf, spread } from "./peers/measure.ts";
import { start } from "./peers/peer.ts";
import { workload } from "./peers/workloads.ts";

const [variant = "compiled", rounds = "5"] = Deno.args;
const name = "vit-small-224";
const { batch } = workload(name, "cpu");
Deno.env.set("CUDA_VISIBLE_DEVICES", "-1");

const contestants: readonly Contestant[] = [
  { name: "plain", title: "plain", script: ["ours.ts", variant] },
  { name: "recomputed", title: "recomputed", script: ["ours.ts", `${variant},recompute`] },
];
const starters = contestants.map((each) => () => start(each, commandOf(each, ""), [name, "cpu"]));
const { runs, failures } = await measure([starters], { steps: 1, untimed: 1 }, Number(rounds));
if (failures.length > 0) Deno.exit(1);

console.log(`${name}, batch ${batch}, ${variant}\n`);
console.log("| blocks | step | against plain | peak memory | loss after all |\n| --- | --- | --- | --- | --- |");
for (const { title, milliseconds, ratio, peakMemory, losses } of resultsOf(runs, batch)) {
  const step = `${(spread(milliseconds).median / 1000).toFixed(1)} s`;
  const against = `${ratio.median.toFixed(2)}x (${ratio.least.toFixed(2)} to ${ratio.greatest.toFixed(2)})`;
  console.log(`| ${title} | ${step} | ${against} | ${peakMemory.toFixed(0)} MiB | ${losses.at(-1)!.toFixed(5)} |`);
}
