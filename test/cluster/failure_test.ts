/**
 * Workers that die or freeze, are asked to stop, or would not train the same, by the real program.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { stepFile } from "../../src/checkpoint/folder.ts";
import {
  at,
  checkpoints,
  config,
  type Ended,
  ended,
  finalFile,
  images,
  perEpoch,
  run,
  start,
  startBy,
  until,
} from "../cli/small_run.ts";
import { taskArguments } from "../cli/program.ts";
import { freeAddresses } from "./processes.ts";

/** Far more steps than are ever taken here. */
const endless = ["--epochs", "20000", "--checkpoint-every", "1"];

/** Seconds within which a worker that does not come is missed. */
const timeout = 10;

/** A worker as it is started on each of several machines. */
function worker(
  rank: number,
  addresses: readonly string[],
  out: string,
  ...args: readonly string[]
): Deno.ChildProcess {
  return workerOf(taskArguments, rank, addresses, out, ...args);
}

/** A worker whose program is started in a way of its own. */
function workerOf(
  program: readonly string[],
  rank: number,
  addresses: readonly string[],
  out: string,
  ...args: readonly string[]
): Deno.ChildProcess {
  const task = { cluster: { worker: addresses }, task: { type: "worker", index: rank } };
  return new Deno.Command(Deno.execPath(), {
    args: [...program, "pretrain", "--config", config, "--out", at(out), "--timeout", String(timeout), ...args],
    cwd: new URL("../../", import.meta.url),
    env: { TF_CONFIG: JSON.stringify(task), TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs some workers to their end. */
function together(out: string, argumentsOf: readonly (readonly string[])[]): Promise<readonly Ended[]> {
  const addresses = freeAddresses(argumentsOf.length);
  return Promise.all(argumentsOf.map((args, rank) => ended(worker(rank, addresses, out, ...args))));
}

/** How the other of two workers ends when one of them is killed or frozen, and how many seconds later. */
async function withoutOne(signal: "SIGKILL" | "SIGSTOP", lost: number, addresses: readonly string[], out: string) {
  const children = [0, 1].map((rank) => worker(rank, addresses, out, ...endless));
  const ends = children.map(ended);
  await until(out, 8, ends[0]);
  children[lost].kill(signal);
  const since = performance.now();
  const left = await ends[1 - lost];
  const seconds = (performance.now() - since) / 1000;
  if (signal === "SIGSTOP") children[lost].kill("SIGKILL");
  await ends[lost];
  return { ...left, seconds };
}

/** How the crash ends a worker that docs/distributed.md tells of: it comes once in some forty times. */
const crashes: readonly (string | null)[] = ["SIGSEGV", "SIGABRT", "SIGBUS"];

for (const [signal, lost] of [["SIGKILL", 1], ["SIGSTOP", 1], ["SIGKILL", 0], ["SIGSTOP", 0]] as const) {
  Deno.test(`worker ${lost} of 2 gets ${signal}: the other names it and the last checkpoint within the timeout`, async () => {
    const addresses = freeAddresses(2);
    const first = await withoutOne(signal, lost, addresses, `${signal}-${lost}`);
    const hasCrashed = signal === "SIGSTOP" && crashes.includes(first.signal);
    const { code, text, seconds } = hasCrashed
      ? await withoutOne(signal, lost, addresses, `${signal}-${lost}-again`)
      : first;
    assertEquals(code, 75, text);
    assertMatch(
      text,
      new RegExp(`worker ${lost} at ${addresses[lost]} no longer answers. The last whole checkpoint is .*step-`),
    );
    assert(seconds < timeout, `it took ${seconds} s`);
  });
}

Deno.test("a process that tells something to a frozen one goes on", async () => {
  const addresses = freeAddresses(2);
  const program = new URL("./telling.ts", import.meta.url).href;
  const [first, second] = addresses.map((_, rank) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", program, String(rank), ...addresses],
      stdout: "piped",
    }).spawn()
  );
  const { stdout } = await second.output();
  first.kill("SIGKILL");
  await first.output();
  assertEquals(new TextDecoder().decode(stdout), "true\nfalse\n");
});

Deno.test("a worker that answers but does not come to its next step is named within the timeout", async () => {
  const addresses = freeAddresses(2);
  const stop = at("stop");
  const hanging = [...taskArguments.slice(0, -1), new URL("./hanging.ts", import.meta.url).pathname, stop];
  const args = [...endless, "--timeout", "20"];
  const children = [worker(0, addresses, "hanging", ...args), workerOf(hanging, 1, addresses, "hanging", ...args)];
  const ends = children.map(ended);
  await until("hanging", 8, ends[0]);
  await Deno.writeTextFile(stop, "");
  const since = performance.now();
  const { code, text } = await ends[0];
  const seconds = (performance.now() - since) / 1000;
  children[1].kill("SIGKILL");
  await ends[1];
  assertEquals(code, 75, text);
  assertMatch(text, new RegExp(`worker 1 at ${addresses[1]} has not come to this step within 10 s. The last .*step-`));
  assert(seconds < 20, `it took ${seconds} s`);
});

Deno.test("SIGTERM at any worker ends all after the same step, saved once; --resume goes on to the end of an undisturbed run", async () => {
  const longer = ["--epochs", "12", "--checkpoint-every", "12"];
  const addresses = freeAddresses(2);
  const children = [0, 1].map((rank) => worker(rank, addresses, "stopped", ...longer));
  const ends = children.map(ended);
  await until("stopped", 3, ends[0]);
  children[1].kill("SIGTERM");
  const [first, second] = await Promise.all(ends);
  assertEquals([first.code, second.code], [130, 143], first.text + second.text);
  assertMatch(first.text, /Stopped after step \d+ and saved .* --resume --out \S+ --workers 2 --timeout 10$/m);
  const resumed = [...longer, "--resume"];
  for (const { code, text } of await together("stopped", [resumed, resumed])) assertEquals(code, 0, text);
  for (const { code, text } of await together("undisturbed", [longer, longer])) assertEquals(code, 0, text);
  const last = (name: string) => Deno.readFile(stepFile(checkpoints(name), 12 * perEpoch));
  assertEquals(await last("stopped"), await last("undisturbed"));
});

Deno.test("--workers 2 --restart 1 goes on by itself where a worker dies, to the bytes of an undisturbed run", async () => {
  const child = start(
    "--config",
    config,
    "--out",
    at("restarted"),
    "--workers",
    "2",
    "--restart",
    "1",
    "--timeout",
    "10",
  );
  const end = ended(child);
  await until("restarted", 7, end);
  const [, second] = (await childrenOf(child.pid)).toSorted((a, b) => a - b);
  await shell(`kill -KILL ${second}`);
  const { code, text } = await end;
  assertEquals(code, 0, text);
  assertMatch(text, /Worker 1 at \S+ has ended: SIGKILL\./);
  assertStringIncludes(text, "A worker was lost. Starting again (1 of 1).");
  const undisturbed = await run("--config", config, "--out", at("whole"), "--workers", "2");
  assertEquals(undisturbed.code, 0, undisturbed.text);
  assertEquals(await Deno.readFile(finalFile("restarted")), await Deno.readFile(finalFile("whole")));
});

Deno.test({
  name: "under nohup, workers go on without their terminal, and a lost one is still started again",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const args = ["--config", config, "--out", at("nohup-workers"), "--epochs", "400", "--checkpoint-every", "1"];
    const withoutHangUp = ["sh", "-c", 'trap "" HUP; exec "$0" "$@"'];
    const child = startBy(withoutHangUp, ...args, "--workers", "2", "--restart", "1");
    const end = ended(child);
    await until("nohup-workers", 7, end);
    child.kill("SIGHUP");
    const [first] = await childrenOf(child.pid);
    await shell(`kill -KILL ${first}`);
    let hasEnded = false;
    end.then(() => hasEnded = true);
    for (let others: readonly number[] = [first]; !hasEnded && (others.includes(first) || others.length < 2);) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      others = await childrenOf(child.pid);
    }
    child.kill("SIGTERM");
    assertStringIncludes((await end).text, "A worker was lost. Starting again (1 of 1).");
  },
});

Deno.test("a run of two workers goes on with one at the same position", async () => {
  const half = ["--epochs", "2"];
  for (const { code, text } of await together("fewer", [half, half])) assertEquals(code, 0, text);
  const { code, text } = await run("--resume", "--config", config, "--out", at("fewer"));
  assertEquals(code, 0, text);
  assertStringIncludes(text, "Resuming at step 12");
  assert((await Deno.stat(finalFile("fewer"))).isFile);
});

Deno.test("workers of which one never comes say so within the timeout, and name it", async () => {
  const addresses = freeAddresses(3);
  const ends = await Promise.all([0, 1].map((rank) => ended(worker(rank, addresses, "without-one"))));
  for (const { code } of ends) assertEquals(code, 75);
  assertMatch(ends[0].text, new RegExp(`; worker 2 at ${addresses[2]} does not answer$`, "m"));
  assertMatch(ends[1].text, new RegExp(`worker 2 at ${addresses[2]} do(es)? not answer$`, "m"));
});

Deno.test("workers that would not train the same are refused before the first step, and both sides are named", async () => {
  const other = at("other-images");
  const bytes = await Deno.readFile(images);
  bytes[100] ^= 1;
  await Deno.writeFile(other, bytes);
  const all = await together("different", [[], ["--learning-rate", "0.5", "--path", other]]);
  for (const { code, text } of all) {
    assertEquals(code, 1, text);
    assertMatch(text, /config\.optimizer\.learningRate: worker 0 at \S+ has \S+, worker 1 at \S+ has 0\.5/);
    assertMatch(text, /images\.digest: worker 0 at/);
  }
});

Deno.test("the weights to begin with may lie elsewhere on each machine", async () => {
  const made = await run("--config", config, "--epochs", "1", "--out", at("weights"));
  assertEquals(made.code, 0, made.text);
  const [here, there] = [at("here.safetensors"), at("there.safetensors")];
  for (const copy of [here, there]) await Deno.copyFile(stepFile(checkpoints("weights"), perEpoch), copy);
  const all = await together("from-copies", [["--init", here], ["--init", there]]);
  for (const { code, text } of all) assertEquals(code, 0, text);
  const [{ code, text }] = await together("from-one", [["--init", here], []]);
  assertEquals(code, 1, text);
  assertMatch(text, /config\.training\.init: worker 0 at \S+ has "a path", worker 1 at \S+ has/);
});

Deno.test("a batch or groups that the workers cannot share are refused", async () => {
  const [{ code, text }] = await together(
    "unfit",
    [["--batch", "4", "--groups", "4"]].flatMap((each) => [each, each, each]),
  );
  assertEquals(code, 2, text);
  assertStringIncludes(text, "training.batch");
  assertStringIncludes(text, "method.groups");
});

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  return (await shell(`cat /proc/${pid}/task/${pid}/children`)).trim().split(" ").map(Number);
}

async function shell(line: string): Promise<string> {
  return new TextDecoder().decode((await new Deno.Command("sh", { args: ["-c", line] }).output()).stdout);
}
