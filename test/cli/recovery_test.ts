/**
 * What a run survives, by the real program: each test starts `pretrain` as a user does, and kills, damages or fills
 * what it stands on.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { listCheckpoints, loadLatest } from "../../src/checkpoint/folder.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { right } from "../support/either.ts";
import { canMount, onSmallDisk } from "../support/small_disk.ts";
import {
  at,
  checkpoints,
  config,
  type Ended,
  ended,
  epochs,
  finalFile,
  perEpoch,
  run,
  start,
  until,
} from "./small_run.ts";

let ran: Promise<Ended> | undefined;

/** The run that nothing befell: what all others must come to. Its last checkpoint. */
async function whole(): Promise<Uint8Array> {
  const { code, text } = await (ran ??= run("--config", config, "--out", at("whole")));
  assertEquals(code, 0, text);
  return Deno.readFile(finalFile("whole"));
}

/** Asserts that a run came to the same state as the one that nothing befell, bit for bit. */
async function assertEndsAsWhole(name: string): Promise<void> {
  const [expected, found] = [await whole(), await Deno.readFile(finalFile(name))];
  const differing = found.findIndex((byte, i) => byte !== expected[i]);
  assertEquals([found.length, differing], [expected.length, -1], "the last checkpoints differ");
}

async function copyRun(name: string): Promise<void> {
  await whole();
  await Deno.mkdir(checkpoints(name), { recursive: true });
  for (const file of ["config.json", "metrics.jsonl"]) {
    await Deno.copyFile(join(at("whole"), file), join(at(name), file));
  }
  for (const path of right(await listCheckpoints(checkpoints("whole"))())) {
    await Deno.copyFile(path, join(checkpoints(name), path.slice(path.lastIndexOf("step-"))));
  }
}

const losses = async (name: string) =>
  parseMetrics(await Deno.readTextFile(join(at(name), "metrics.jsonl"))).map(({ step, metrics }) => [step, metrics]);

Deno.test("the final checkpoint is whole and says what it is", async () => {
  await whole();
  const checkpoint = right(await loadCheckpoint(finalFile("whole"))());
  assertEquals(checkpoint.position, { epoch: epochs, batch: 0, step: epochs * perEpoch });
  assert(Number.isFinite(checkpoint.metrics.loss));
  const names = checkpoint.tensors.map(({ name }) => name);
  for (const name of ["step", "random", "queue.keys", "queue.filled"]) assert(names.includes(name), name);
  for (const start of ["query.params.", "query.buffers.", "key.params.", "key.buffers.", "optimizer."]) {
    assert(names.some((name) => name.startsWith(start)), start);
  }
});

Deno.test("kill -9 at any time, a checkpoint's included: the resumed run ends in the same bytes", async () => {
  const args = ["--config", config, "--out", at("killed")];
  let kills = 0;
  for (const step of [2, perEpoch, 2 * perEpoch + 1, undefined]) {
    const child = start(...args, ...step === 2 ? [] : ["--resume"]);
    if (step === undefined) {
      const { code, text } = await ended(child);
      assertEquals(code, 0, text);
    } else {
      const end = ended(child);
      await until("killed", step, end);
      // Around the end of an epoch, where a checkpoint is being written.
      await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
      try {
        child.kill("SIGKILL");
      } catch { /* it was faster */ }
      const { signal } = await end;
      if (signal === "SIGKILL") kills++;
    }
    right(await loadLatest(at("killed"))());
  }
  assert(kills > 0, "no run was killed on its way");
  await assertEndsAsWhole("killed");
  assertEquals(await losses("killed"), await losses("whole"));
});

/**
 * A run that was sent Ctrl-C after its first step. On a loaded machine it may end before it is sent: then, another one.
 */
async function interrupted(name: string, tries: number = 5): Promise<Ended> {
  const child = start("--config", config, "--out", at(name));
  const end = ended(child);
  await until(name, 1, end);
  try {
    child.kill("SIGINT");
  } catch { /* it was faster */ }
  const { code } = await end;
  if (code !== 0 || tries === 1) return end;
  await Deno.remove(at(name), { recursive: true });
  return interrupted(name, tries - 1);
}

Deno.test({
  name: "Ctrl-C finishes the step, saves and says so; the resumed run ends in the same bytes",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { code, text } = await interrupted("stopped");
    assertEquals(code, 130, text);
    const { position: { step } } = right(await loadLatest(at("stopped"))()).checkpoint;
    assert(step > 0 && step < epochs * perEpoch, "it stopped on the way");
    assertMatch(text, new RegExp(`step-0*${step}\\.safetensors`));
    const resumed = await run("--config", config, "--out", at("stopped"), "--resume");
    assertEquals(resumed.code, 0, resumed.text);
    await assertEndsAsWhole("stopped");
  },
});

for (
  const [name, damage] of [
    ["a truncated", (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)],
    ["a bit-flipped", (bytes: Uint8Array) => bytes.map((byte, i) => i === bytes.length >> 1 ? byte ^ 16 : byte)],
  ] as const
) {
  Deno.test(`${name} newest checkpoint is passed over by name, and only its steps are lost`, async () => {
    const out = name.replaceAll(" ", "-");
    await copyRun(out);
    const newest = finalFile(out);
    await Deno.writeFile(newest, damage(await Deno.readFile(newest)));
    const resumed = await run("--config", config, "--out", at(out), "--resume");
    assertEquals(resumed.code, 0, resumed.text);
    assert(resumed.text.includes(newest), resumed.text);
    assertMatch(resumed.text, /damaged/);
    assertMatch(resumed.text, new RegExp(`step ${(epochs - 1) * perEpoch} `));
    await assertEndsAsWhole(out);
  });
}

Deno.test("where every checkpoint is damaged, each is named and nothing is touched", async () => {
  await copyRun("hopeless");
  const paths = right(await listCheckpoints(checkpoints("hopeless"))());
  for (const path of paths) await Deno.writeTextFile(path, "");
  const { code, text } = await run("--config", config, "--out", at("hopeless"), "--resume");
  assertNotEquals(code, 0);
  for (const path of paths) assert(text.includes(path), text);
  assertEquals(right(await listCheckpoints(checkpoints("hopeless"))()), paths);
});

Deno.test("a configuration of another shape is refused with every difference, and nothing is touched", async () => {
  await copyRun("other");
  const { code, text } = await run(
    ...["--config", config, "--out", at("other"), "--resume", "--dimension", "16", "--queue", "32"],
  );
  assertNotEquals(code, 0);
  assertMatch(text, /method\.dimension: expected 16, found 8/);
  assertMatch(text, /queue\.keys: expected F32 \[32,16\], found F32 \[16,8\]/);
  await assertEndsAsWhole("other");
  assertEquals(await losses("other"), await losses("whole"));
});

Deno.test("a new run does not overwrite another one", async () => {
  const before = await whole();
  const { code, text } = await run("--config", config, "--out", at("whole"));
  assertNotEquals(code, 0);
  assertMatch(text, /[Rr]esume/);
  assert((await whole()).every((byte, i) => byte === before[i]));
});

Deno.test("a loss that is not finite ends the run with its step and the last good checkpoint", async () => {
  const { code, text } = await run("--config", config, "--out", at("infinite"), "--learning-rate", "1e30");
  assertEquals(code, 1, text);
  const { path, position } = right(await loadLatest(at("infinite"))()).checkpoint;
  assertMatch(text, /at step \d+/);
  assert(text.includes(path), text);
  assertEquals(position.step, 0);
});

Deno.test({
  name: "a full disk ends the run with a clear error, and the last good checkpoint stays (needs the right to mount)",
  ignore: !canMount,
  fn: async () => {
    const { length } = await whole();
    // Room for the first checkpoint and half of the second one.
    await onSmallDisk(Math.ceil(1.5 * length / 1024) + 16, async (folder) => {
      const { code, text } = await run("--config", config, "--out", join(folder, "run"));
      assertEquals(code, 1, text);
      assertMatch(text, /no space left on the device/);
      const { path, position } = right(await loadLatest(join(folder, "run"))()).checkpoint;
      assert(text.includes(path), text);
      assertEquals(position.step, 0);
    });
  },
});

Deno.test("data that cannot be used is named, and leaves a folder in which a run can begin", async () => {
  const empty = at("empty");
  const corrupt = at("corrupt");
  for (const folder of [empty, corrupt]) await Deno.mkdir(folder);
  for (let image = 0; image < 8; image++) await Deno.writeTextFile(join(corrupt, `${image}.png`), "no image");
  for (const folder of [empty, corrupt]) {
    const out = at("unusable-run");
    const { code, text } = await run("--config", config, "--out", out, "--data", "folder", "--path", folder);
    assertEquals(code, 1);
    assertMatch(text, new RegExp(`^error: Cannot .*${folder}`, "m"));
    assert(!text.includes("This is a fault of the program"), text);
    const { code: begun, text: said } = await run("--config", config, "--out", out, "--epochs", "1");
    assertEquals(begun, 0, said);
    await Deno.remove(out, { recursive: true });
  }
});
