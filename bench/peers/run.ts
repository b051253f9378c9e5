/**
 * This library beside others, on the processor or on an NVIDIA GPU:
 * `deno run -A bench/peers/run.ts [--device gpu] [--workload NAME...] [--contestant NAME...] [--repeats N] [--images N]
 * [--venv FOLDER] [--out FILE]`.
 *
 * Every contestant is a process of its own. On the processor all are alive, and take their steps when it is their turn.
 * On the GPU, whose memory does not hold all of them and whose speed does not change with what else the machine does,
 * they run one after another. A Markdown table goes to standard output, all numbers to the file.
 *
 * @module
 */
import { Either } from "../../src/core/either.ts";
import { Command, InvalidArgumentError, Option } from "../../src/dependencies/commander.ts";
import { type Dataset, loadDataset, renderDataError } from "../../mod.ts";
import { commandOf, type Contestant, contestants, entrants } from "./contestants.ts";
import { withDeviceMemory } from "./device_memory.ts";
import { peerPython } from "./environment.ts";
import { usedMemory, useOneGpu } from "./gpu.ts";
import { machineText, thisMachine } from "./machine.ts";
import { measure, type Result, resultsOf } from "./measure.ts";
import { start } from "./peer.ts";
import { tableHeader, tableRows } from "./table.ts";
import { type Device, names, workload } from "./workloads.ts";

type Options = {
  readonly device: Device;
  readonly workload: readonly string[];
  readonly contestant?: readonly string[];
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
function oneOf(known: readonly string[]): (name: string, earlier?: readonly string[]) => readonly string[] {
  return (name, earlier) => {
    if (!known.includes(name)) throw new InvalidArgumentError(`Expected one of ${known.join(", ")}.`);
    return earlier === undefined || earlier === known ? [name] : [...earlier, name];
  };
}

const all = contestants.map(({ name }) => name);
const options = new Command("run.ts")
  .description("Times MoCo in this library beside PyTorch, JAX and Lightly.")
  .addOption(new Option("--device <device>", "what computes").choices(["cpu", "gpu"]).default("cpu"))
  .option("--workload <names...>", "what to time (default: all)", oneOf(names), names)
  .option(
    "--contestant <names...>",
    `who takes part, of ${all.join(", ")} (default: all, those in bfloat16 where the machine has it)`,
    oneOf(all),
  )
  .option("--repeats <count>", "rounds that count (default: the workload's)", count)
  .option("--images <count>", "images of a turn of epoch-fashion; 60000 are an epoch (default: the workload's)", count)
  .option("--venv <folder>", "a Python environment that has requirements.txt (default: one in the cache folder)")
  .option("--out <file>", "where all numbers are written, as JSON")
  .parse(Deno.args, { from: "user" })
  .opts<Options>();

const onGpu = options.device === "gpu";
if (!onGpu) Deno.env.set("CUDA_VISIBLE_DEVICES", "-1");
Deno.env.set("TORCHINDUCTOR_FORCE_DISABLE_CACHES", "1"); // the first step is always a first one
const found = thisMachine(options.device);
if (Either.isLeft(found)) {
  console.error(found.left);
  Deno.exit(1);
}
const machine = found.right;
if (onGpu) useOneGpu();
const python = await peerPython(options.venv);
const date = new Date().toISOString().slice(0, 10);
const results: Record<string, readonly Result[]> = {};
const failures: Record<string, readonly string[]> = {};
console.log(`${date}, ${machineText(machine)}\n\n${tableHeader(options.device)}`);

for (const name of options.workload) {
  const work = workload(name, options.device);
  const images = options.images ?? work.images;
  const epoch = work.images !== undefined;
  const steps = work.steps ?? Math.floor(images! / work.batch);
  const chosen = entrants(work, machine, options.contestant);
  console.error(name);
  const file = epoch ? await imageFile() : undefined;
  try {
    const starters = chosen.map((contestant) => starter(contestant, [name, options.device, ...(file ? [file] : [])]));
    const groups = onGpu ? starters.map((starter) => [starter]) : [starters];
    const measured = await measure(groups, { steps, untimed: epoch ? 0 : 1 }, options.repeats ?? work.repeats);
    results[name] = resultsOf(measured.runs, work.batch);
    if (measured.failures.length > 0) failures[name] = measured.failures;
  } finally {
    if (file !== undefined) Deno.removeSync(file);
  }
  if (results[name].length > 0) console.log(tableRows(name, work, results[name]));
  // After each workload, so that what was measured stays when a later one is interrupted.
  if (options.out !== undefined) {
    Deno.writeTextFileSync(options.out, JSON.stringify({ date, machine, results, failures }, undefined, 2) + "\n");
  }
}
for (const [name, reasons] of Object.entries(failures)) console.error(`\n${name} lacks:\n${reasons.join("\n")}`);
if (Object.keys(failures).length > 0) Deno.exit(1);

function starter(contestant: Contestant, args: string[]) {
  const alive = () => start(contestant, commandOf(contestant, python), args);
  return onGpu ? withDeviceMemory(alive, usedMemory) : alive;
}

/** Fashion-MNIST's training images as raw bytes, in a file that every contestant reads. */
async function imageFile(): Promise<string> {
  const loaded = await loadDataset({ name: "fashion-mnist" })();
  if (Either.isLeft(loaded)) throw new Error(renderDataError(loaded.left));
  const path = Deno.makeTempFileSync({ prefix: "fashion-mnist-" });
  Deno.writeFileSync(path, (loaded.right.train as Dataset).images);
  return path;
}
