/**
 * This library beside others, on the processor:
 * `deno run -A bench/peers/run.ts [--workload NAME...] [--contestant NAME...] [--repeats N] [--images N] [--venv FOLDER]
 * [--out FILE]`.
 *
 * Every contestant is a process of its own that stays alive and takes its steps when it is its turn. A Markdown table
 * goes to standard output, all numbers to the file.
 *
 * @module
 */
import * as Either from "fp-ts/Either.js";
import { Command, InvalidArgumentError } from "commander";
import { loadDataset, renderDataError } from "../../mod.ts";
import { hasFastBfloat16 } from "../../src/engine/bfloat16.ts";
import { commandOf, contestants, entrants } from "./contestants.ts";
import { peerPython } from "./environment.ts";
import { measure, type Result } from "./measure.ts";
import { start } from "./peer.ts";
import { names, workload } from "./workloads.ts";

type Options = {
  readonly workload: readonly string[];
  readonly contestant: readonly string[];
  readonly repeats?: number;
  readonly images?: number;
  readonly venv?: string;
  readonly out?: string;
};

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  return Number(text);
}

/** The names that were asked for, each of which is one that there is. */
function oneOf(known: readonly string[]): (name: string, earlier: readonly string[]) => readonly string[] {
  return (name, earlier) => {
    if (!known.includes(name)) throw new InvalidArgumentError(`Expected one of ${known.join(", ")}.`);
    return earlier === known ? [name] : [...earlier, name];
  };
}

const allContestants = contestants.map(({ name }) => name);
const options = new Command("run.ts")
  .description("Times MoCo v2 in this library beside PyTorch, JAX and Lightly.")
  .option("--workload <names...>", "what to time (default: all)", oneOf(names), names)
  .option("--contestant <names...>", "who takes part (default: all)", oneOf(allContestants), allContestants)
  .option("--repeats <count>", "rounds that count (default: the workload's)", count)
  .option("--images <count>", "images of a turn of epoch-fashion; 60000 are an epoch (default: the workload's)", count)
  .option("--venv <folder>", "a Python environment that has requirements.txt (default: one in the cache folder)")
  .option("--out <file>", "where all numbers are written, as JSON")
  .parse(Deno.args, { from: "user" })
  .opts<Options>();

Deno.env.set("CUDA_VISIBLE_DEVICES", "-1"); // processors are compared
Deno.env.set("TORCHINDUCTOR_FORCE_DISABLE_CACHES", "1"); // the first step is always a first one
const python = await peerPython(options.venv);
const machine = {
  processor: Deno.readTextFileSync("/proc/cpuinfo").match(/^model name\s*:\s*(.*)$/m)?.[1] ?? "unknown",
  cores: navigator.hardwareConcurrency,
  bfloat16: hasFastBfloat16(),
};
const date = new Date().toISOString().slice(0, 10);
const results: Record<string, readonly Result[]> = {};
console.log(`${date}, ${machine.processor}, ${machine.cores} cores${machine.bfloat16 ? " with bfloat16" : ""}\n`);

for (const name of options.workload) {
  const work = workload(name);
  const images = options.images ?? work.images;
  const epoch = work.images !== undefined;
  const steps = work.steps ?? Math.floor(images! / work.batch);
  const chosen = entrants(epoch ? "epoch" : "step", machine.bfloat16)
    .filter((contestant) => options.contestant.includes(contestant.name));
  console.error(name);
  const file = epoch ? await imageFile() : undefined;
  try {
    const args = [name, ...(file === undefined ? [] : [file])];
    const starters = chosen.map((contestant) => () => start(contestant, commandOf(contestant, python), args));
    results[name] = await measure(starters, work, steps, options.repeats ?? work.repeats);
  } finally {
    if (file !== undefined) Deno.removeSync(file);
  }
  const turn = epoch ? `${steps * work.batch} images a turn, augmentation included` : `${steps} steps a turn`;
  console.log(`${name} (${work.batch} images a step, ${turn})\n\n${table(results[name])}\n`);
  // After each workload, so that what was measured stays when a later one fails.
  if (options.out !== undefined) {
    Deno.writeTextFileSync(options.out, JSON.stringify({ date, machine, results }, undefined, 2) + "\n");
  }
}

/** Fashion-MNIST's training images as raw bytes, in a file that every contestant reads. */
async function imageFile(): Promise<string> {
  const loaded = await loadDataset({ name: "fashion-mnist" })();
  if (Either.isLeft(loaded)) throw new Error(renderDataError(loaded.left));
  const path = Deno.makeTempFileSync({ prefix: "fashion-mnist-" });
  Deno.writeFileSync(path, loaded.right.train.images);
  return path;
}

function table(results: readonly Result[]): string {
  const baseline = results[0].title;
  const rows = results.map(({ title, imagesPerSecond, ratio, peakMemory, firstStep, versions }) => [
    title,
    `${Number(imagesPerSecond.median.toPrecision(3))}`,
    `${ratio.median.toFixed(2)}x (${ratio.least.toFixed(2)} to ${ratio.greatest.toFixed(2)})`,
    `${peakMemory.toFixed(0)} MiB`,
    `${firstStep.toFixed(1)} s`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
  ]);
  const header = ["", "images/s", `${baseline} against it`, "peak memory", "first step after", "versions"];
  return [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
