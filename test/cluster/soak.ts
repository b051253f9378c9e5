/**
 * Kills and freezes workers of one run at random moments, and compares its end with that of an undisturbed run:
 * `deno run -A test/cluster/soak.ts [blows]`. Each blow must be answered by an error that names the worker.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { at, checkpoints, config, perEpoch, run } from "../cli/small_run.ts";
import { taskArguments } from "../cli/program.ts";

const blows = Number(Deno.args[0] ?? 20);
const timeout = 10;
/** So many that the run is not over before the last blow. */
const epochs = 10 * blows;
const options = ["--config", config, "--workers", "2", "--timeout", String(timeout), "--epochs", String(epochs)];
const last = (name: string) => Deno.readFile(stepFile(checkpoints(name), epochs * perEpoch));

/** The workers of a launcher by rank, once both are there. */
async function workersOf(launcher: number): Promise<readonly number[]> {
  for (;;) {
    const text = await Deno.readTextFile(`/proc/${launcher}/task/${launcher}/children`).catch(() => "");
    const found = text.trim().split(" ").filter((each) => each !== "").map(Number);
    if (found.length === 2) return found.toSorted((a, b) => a - b);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const whole = await run(...options, "--out", at("whole"));
assertEquals(whole.code, 0, whole.text);
const child = new Deno.Command(Deno.execPath(), {
  args: [
    ...[...taskArguments, "pretrain", ...options, "--out", at("beaten"), "--restart", String(blows)],
    ...["--checkpoint-every", "1"],
  ],
  cwd: new URL("../../", import.meta.url),
  stdout: "piped",
  stderr: "piped",
}).spawn();
const end = child.output();
let over = false;
end.then(() => over = true);
const given: string[] = [];
for (let blow = 0; blow < blows && !over; blow++) {
  const workers = await workersOf(child.pid);
  await new Promise((resolve) => setTimeout(resolve, 1000 + 7000 * Math.random()));
  const [rank, signal] = [Math.floor(2 * Math.random()), Math.random() < 0.5 ? "SIGKILL" : "SIGSTOP"] as const;
  try {
    Deno.kill(workers[rank], signal);
    given.push(`${signal} to worker ${rank}`);
    console.log(blow, given.at(-1));
  } catch {
    break; // the run has ended
  }
  const since = performance.now();
  while (!over && (await workersOf(child.pid)).some((pid) => workers.includes(pid))) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert(performance.now() - since < 60_000, "the run hangs");
  }
}
const { code, stderr } = await end;
const text = new TextDecoder().decode(stderr);
assertEquals(code, 0, text);
assertEquals(await last("beaten"), await last("whole"));
const named = text.match(/worker \d at \S+ (no longer answers|has not come)/g) ?? [];
console.log(`${given.length} blows, ${named.length} of them named, and the same bytes at the end`);
