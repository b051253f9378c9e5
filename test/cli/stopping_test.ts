/**
 * How a run ends before its time, by the real program: whatever asks it to end or takes its terminal away, nothing is
 * lost.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { loadLatest } from "../../src/checkpoint/folder.ts";
import { right } from "../support/either.ts";
import { at, config, ended, run, start, startBy, until } from "./small_run.ts";

const isWindows = Deno.build.os === "windows";
const isLinux = Deno.build.os === "linux";

/** Far more steps than are ever taken here, and no checkpoint but the first unless something asks for one. */
const endless = ["--config", config, "--epochs", "2000", "--checkpoint-every", "2000"];

/** The step of a run's newest whole checkpoint. */
async function savedStep(name: string): Promise<number> {
  return right(await loadLatest(at(name))()).checkpoint.position.step;
}

/** Runs a line of a shell, with `$0`, `$1` and so on. */
async function sh(line: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", line, ...words], stderr: "null" }).output();
  return new TextDecoder().decode(stdout).trim();
}

for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGQUIT", 131]] as const) {
  Deno.test({
    name: `${signal} finishes the step and saves, with status ${status}`,
    ignore: isWindows,
    fn: async () => {
      const child = start(...endless, "--out", at(signal));
      const end = ended(child);
      await until(signal, 2, end);
      child.kill(signal);
      const { code, text } = await end;
      assertEquals(code, status, text);
      assert(await savedStep(signal) >= 2);
    },
  });
}

Deno.test({
  name: "Ctrl-C saves although nobody reads what the run says",
  ignore: isWindows,
  fn: async () => {
    const child = start(...endless, "--out", at("unheard"));
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    const end = child.status.then((status) => ({ ...status, text: "" }));
    await until("unheard", 2, end);
    child.kill("SIGINT");
    assertEquals((await end).code, 130);
    assert(await savedStep("unheard") >= 2);
  },
});

Deno.test({
  name: "a run whose terminal is a full disk trains to its end, and leaves no stack trace",
  ignore: !isLinux,
  fn: async () => {
    const child = startBy(["sh", "-c", '"$0" "$@" 2> /dev/full'], "--config", config, "--out", at("full"));
    const { code, text } = await ended(child);
    assertEquals([code, /^\s+at /m.test(text)], [0, false], text);
    const silent = startBy(["sh", "-c", '"$0" "$@" > /dev/full'], "--config", config, "--out", at("full-too"));
    const { code: lost, text: said } = await ended(silent);
    assertEquals(lost, 1, said);
    assertMatch(said, /error: Cannot write to standard output: no space left on the device\n$/);
    assertEquals(/^\s+at /m.test(said), false, said);
    assertEquals(await savedStep("full"), await savedStep("full-too"));
  },
});

Deno.test({
  name: "under nohup a run goes on without its terminal",
  ignore: !isLinux,
  fn: async () => {
    const child = startBy(["sh", "-c", `trap "" HUP; exec "$0" "$@"`], ...endless, "--out", at("nohup"));
    const end = ended(child);
    await until("nohup", 2, end);
    child.kill("SIGHUP");
    await until("nohup", 12, end);
    child.kill("SIGTERM");
    assertEquals((await end).code, 143);
  },
});

const namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const hasNamespaces = isLinux && await sh(`${namespace.join(" ")} echo yes`) === "yes";

Deno.test({
  name: "the first process of a container saves when it is told to end (needs the right to make a namespace)",
  ignore: !hasNamespaces,
  fn: async () => {
    const child = startBy(["sh", "-c", `exec ${namespace.join(" ")} "$0" "$@"`], ...endless, "--out", at("first"));
    const end = ended(child);
    await until("first", 2, end);
    await sh('read first < "/proc/$0/task/$0/children"; kill -TERM $first', String(child.pid));
    const { code, text } = await end;
    assertEquals(code, 143, text);
    assert(await savedStep("first") >= 2);
  },
});

Deno.test({
  name: "a program whose task was killed saves and ends, and does not hold the run's folder for ever",
  ignore: !isLinux,
  fn: async () => {
    const task = new Deno.Command(Deno.execPath(), {
      args: ["task", "moco", "pretrain", ...endless, "--out", at("orphan")],
      cwd: new URL("../../", import.meta.url),
      stdout: "null",
      stderr: "null",
    }).spawn();
    const end = task.status.then((status) => ({ ...status, text: "" }));
    await until("orphan", 2, end);
    const program = await sh('cat "/proc/$0/task/$0/children"', String(task.pid));
    task.kill("SIGKILL");
    await end;
    // "Z" is a process that has ended, which nobody has asked about.
    await sh('while grep -q "^State:[[:space:]]*[^Z]" "/proc/$0/status"; do sleep 0.05; done', program);
    assert(await savedStep("orphan") >= 2);
  },
});

Deno.test("a run saves by time, so that even kill -9 costs no more than that", async () => {
  const child = start(...endless, "--out", at("timed"), "--checkpoint-minutes", "0.002");
  const end = ended(child);
  await until("timed", 40, end);
  child.kill("SIGKILL");
  await end;
  assert(await savedStep("timed") > 0);
});

Deno.test("--resume of a folder that is not there is refused at once, and leaves nothing", async () => {
  const { code, text } = await run("--resume", "--out", at("typo"));
  assertEquals(code, 1);
  assertEquals(
    text,
    `error: Cannot find a checkpoint in ${at("typo")}: expected a whole step-*.safetensors, found none\n`,
  );
  assertEquals(await Deno.stat(at("typo")).catch(() => "nothing"), "nothing");
});

Deno.test("a folder that is not a run's is refused, and nothing in it is touched", async () => {
  const folder = at("foreign");
  const files = {
    "config.json": "{}",
    "metrics.jsonl": "mine",
    ".draft.partial": "mine",
    "checkpoints/.a.partial": "mine",
  };
  await Deno.mkdir(join(folder, "checkpoints"), { recursive: true });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
  for (const resume of [[], ["--resume"]]) {
    const { code, text } = await run("--config", config, "--out", folder, ...resume);
    assertEquals(code, 1, text);
    assertMatch(text, /expected an empty folder or a run's, found \.draft\.partial in it/);
  }
  const there = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assertEquals(there.toSorted(), [".draft.partial", "checkpoints", "config.json", "metrics.jsonl"]);
  for (const [name, text] of Object.entries(files)) assertEquals(await Deno.readTextFile(join(folder, name)), text);
});

Deno.test("a run begins where a program was killed before it made its lock", async () => {
  await Deno.mkdir(join(at("unlocked"), "checkpoints"), { recursive: true });
  const { code, text } = await run("--config", config, "--out", at("unlocked"));
  assertEquals(code, 0, text);
});

Deno.test("a run that failed in its first steps begins anew with another rate, by the same command or --resume", async () => {
  for (const [name, again] of [["same", []], ["resumed", ["--resume"]]] as const) {
    const failed = await run("--config", config, "--out", at(name), "--learning-rate", "1e30");
    assertEquals(failed.code, 1, failed.text);
    assertMatch(failed.text, /A lower learning rate/);
    const { code, text } = await run("--config", config, "--out", at(name), "--learning-rate", "0.01", ...again);
    assertEquals(code, 0, text);
  }
  assertEquals(await savedStep("same"), await savedStep("resumed"));
});
