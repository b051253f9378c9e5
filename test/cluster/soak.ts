/**
 * Kills and freezes workers of one run at random moments, and compares its end with that of an undisturbed run:
 * `deno run -A test/cluster/soak.ts [blows]`. Each blow must be answered within the timeout by words that name the
 * worker.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { at, checkpoints, config, perEpoch, run } from "../cli/small_run.ts";
import { taskArguments } from "../cli/program.ts";

const blows = Number(Deno.args[0] ?? 20);
const timeout = 30;
/** So many that the run is not over before the last blow. */
const epochs = 10 * blows;
const options = ["--config", config, "--workers", "2", "--timeout", String(timeout), "--epochs", String(epochs)];
const last = (name: string) => Deno.readFile(stepFile(checkpoints(name), epochs * perEpoch));
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The workers of a launcher by rank, once both are there and none of them is one of `old`. */
async function workersOf(launcher: number, old: readonly number[]): Promise<readonly number[]> {
  for (; !over; await pause(50)) {
    const text = await Deno.readTextFile(`/proc/${launcher}/task/${launcher}/children`).catch(() => "");
    const found = text.trim().split(" ").filter((each) => each !== "").map(Number);
    if (found.length === 2 && !found.some((pid) => old.includes(pid))) return found.toSorted((a, b) => a - b);
  }
  return [];
}

const whole = await run(...options, "--out", at("whole"));
assertEquals(whole.code, 0, whole.text);
const child = new Deno.Command(Deno.execPath(), {
  args: [
    ...[...taskArguments, "pretrain", ...options, "--out", at("beaten"), "--restart", String(blows)],
    ...["--checkpoint-every", "1"],
  ],
  cwd: new URL("../../", import.meta.url),
  stdout: "null",
  stderr: "piped",
}).spawn();
let said = "";
let over = false;
const told = (async () => {
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
})();
child.status.then(() => over = true);

let workers: readonly number[] = [];
let named = 0;
for (let blow = 0; blow < blows; blow++) {
  workers = await workersOf(child.pid, workers);
  await pause(1000 + 9000 * Math.random());
  if (over) break;
  const [rank, signal] = [Math.floor(2 * Math.random()), Math.random() < 0.5 ? "SIGKILL" : "SIGSTOP"] as const;
  const [before, since] = [said.length, performance.now()];
  Deno.kill(workers[rank], signal);
  const answer = new RegExp(`worker ${rank} at \\S+ (no longer answers|has not come|does not answer|has ended).*`, "i");
  let found = null;
  for (; found === null; await pause(50)) {
    found = said.slice(before).match(answer);
    assert(
      performance.now() - since < 1000 * timeout,
      `${signal} to worker ${rank} is not named:\n${said.slice(before)}`,
    );
  }
  named++;
  console.log(
    `${blow + 1}: ${signal} to worker ${rank}; after ${((performance.now() - since) / 1000).toFixed(1)} s: ${found[0]}`,
  );
}
const { code } = await child.status;
await told;
assertEquals(named, blows, "the training ended before the last blow");
assertEquals(code, 0, said);
assertEquals(await last("beaten"), await last("whole"));
console.log(`${named} blows, all of them named within ${timeout} s, and the same bytes at the end`);
Deno.exit(0);
