/**
 * All that wants an NVIDIA GPU, in one command: `deno run -A bench/gpu/run.ts [--skip-tests] [--skip-speed]
 * [options of bench/peers/run.ts]`.
 *
 * Looks whether the engine computes on the GPU; runs the properties, the golden cases and the unit tests there, within
 * a GPU's tolerances; then times every workload beside PyTorch. The table goes to standard output, all numbers to
 * `runs/gpu.json`, all else to standard error. Where there is no GPU it says what it expected and found, and
 * exits with 1.
 *
 * @module
 */
import { Either } from "../../src/core/either.ts";
import { Command } from "../../src/dependencies/commander.ts";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findGpu, useOneGpu } from "../peers/gpu.ts";
import { type Engine, onGpu } from "./engine.ts";

/** Batch norm, bias gradients and convolutions sum in one order, and in float32: what the tests compare. */
const exact = { MOCO_TEST_DEVICE: "gpu", NVIDIA_TF32_OVERRIDE: "0", TF_DETERMINISTIC_OPS: "1" };

const root = new URL("../../", import.meta.url);

const command = new Command("run.ts")
  .description("Checks the engine on an NVIDIA GPU, tests it there, and times it beside PyTorch.")
  .option("--skip-tests", "no tests")
  .option("--skip-speed", "no timing")
  .option("--out <file>", "where all numbers are written, as JSON", "runs/gpu.json")
  .addHelpText("after", "\nAll other options are those of bench/peers/run.ts.")
  .allowUnknownOption()
  .allowExcessArguments()
  .parse(Deno.args, { from: "user" });
const { skipTests, skipSpeed, out } = command.opts<
  { readonly skipTests?: boolean; readonly skipSpeed?: boolean; readonly out: string }
>();

const gpu = orExit(findGpu());
useOneGpu();
const { tensorflow, devices } = orExit(onGpu(await engine(), gpu));
console.error(`TensorFlow ${tensorflow} on ${gpu.name}, ${devices.map(({ type }) => type).join(" and ")}`);

const tested = skipTests === true || await tests();
const timed = skipSpeed === true || await speed();
Deno.exit(tested && timed ? 0 : 1);

function orExit<T>(either: Either<string, T>): T {
  if (Either.isRight(either)) return either.right;
  console.error(either.left);
  return Deno.exit(1);
}

/** What the engine is, from a process of its own: this one leaves the GPU's memory to those that are measured. */
async function engine(): Promise<Engine> {
  const { success, stdout } = await deno("src/cli/main.ts", ["engine", "--json"], {
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) Deno.exit(1); // its message stands above
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function tests(): Promise<boolean> {
  const folders = ["test/properties", "test/golden", "test/unit"];
  const child = deno("test/run.ts", folders, { cwd: root, env: exact, stdout: "piped" }).spawn();
  await child.stdout.pipeTo(Deno.stderr.writable, { preventClose: true });
  return (await child.status).success;
}

async function speed(): Promise<boolean> {
  Deno.mkdirSync(dirname(out), { recursive: true });
  const args = ["--device", "gpu", "--out", out, ...command.args];
  return (await deno("bench/peers/run.ts", args, { stdout: "inherit" }).spawn().status).success;
}

/** A program of this repository, with arguments. */
function deno(program: string, args: readonly string[], options: Deno.CommandOptions): Deno.Command {
  const path = fileURLToPath(new URL(program, root));
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", path, ...args], stdin: "null", ...options });
}
