import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { dtypeOf, fromBytes, readBytes, tf } from "../../src/engine/mod.ts";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { type About, loadCheckpoint, saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { renderCheckpointError } from "../../src/checkpoint/errors.ts";
import {
  bestFile,
  listCheckpoints,
  loadLatest,
  removePartial,
  saveStep,
  stepFile,
  stepOf,
} from "../../src/checkpoint/folder.ts";
import { encode } from "../../src/files/safetensors.ts";
import { restore, tensorsOf, toTensor } from "../../src/checkpoint/state.ts";
import { type OpenFile, partialPath, writeTextAtomic } from "../../src/files/atomic.ts";
import { left, right } from "../support/either.ts";
import { canMount, fillDisk, onSmallDisk } from "../support/small_disk.ts";

const stateOf = (seed: number) => ({
  step: tf.scalar(seed, "int32"),
  query: { params: { "0": { weight: tf.tensor2d([seed, -0, NaN, Infinity, 1e-45, 2], [2, 3]) } }, buffers: {} },
  empty: tf.zeros([0, 3]),
  mask: tf.tensor1d([true, false, seed > 1], "bool"),
  bytes: fromBytes(Uint8Array.of(0, 128, 255), [3, 1]),
});

const about = (step: number): About => ({
  config: { training: { batch: 4 }, list: [1, null, "a"] },
  position: { epoch: 1, batch: 2, step },
  metrics: { loss: 1.5, knn: 0.25 },
});

const contents = (tree: Tree) =>
  entries(tree).map(([path, leaf]) => [path, dtypeOf(leaf), leaf.shape, readBytes(leaf)] as const);

const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

async function inTemporary(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a checkpoint gives back every bit of the state, and all that was said beside it", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "x.safetensors");
    const state = stateOf(3);
    const all = { ...about(7), best: { score: 0.5, step: 3 }, data: { images: 12, digest: "0a" } };
    right(await saveCheckpoint(path, tensorsOf(state), all)());
    const loaded = right(await loadCheckpoint(path)());
    const template = stateOf(1);
    const before = liveTensors();
    const restored = right(restore(template, loaded));
    assertEquals(contents(restored), contents(state));
    assertEquals(Object.keys(restored), Object.keys(template));
    assertEquals(liveTensors() - before, entries(state).length);
    const { tensors: _, metadata: _metadata, ...rest } = loaded;
    assertEquals(rest, { path, ...all });
    assertEquals(files(folder), ["x.safetensors"]);
    dispose({ state, template, restored });
  }));

Deno.test("a restored state shares nothing with the bytes of the file", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "x.safetensors");
    const state = stateOf(3);
    right(await saveCheckpoint(path, tensorsOf(state), about(1))());
    const loaded = right(await loadCheckpoint(path)());
    const restored = right(restore(state, loaded));
    for (const { data } of loaded.tensors) data.fill(77);
    assertEquals(contents(restored), contents(state));
    dispose({ state, restored });
  }));

Deno.test("a state of another shape is refused with every difference, and no tensor is made", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "x.safetensors");
    const state = stateOf(3);
    right(await saveCheckpoint(path, tensorsOf(state), about(1))());
    const loaded = right(await loadCheckpoint(path)());
    const template = {
      step: tf.scalar(0),
      query: { params: { "0": { weight: tf.zeros([3, 2]) }, "1": { bias: tf.zeros([1]) } }, buffers: {} },
      mask: tf.clone(state.mask),
      bytes: tf.clone(state.bytes),
    };
    const before = liveTensors();
    const error = left(restore(template, loaded));
    assertEquals(liveTensors(), before);
    assertEquals(error.differences, [
      { path: "step", expected: "F32 []", found: "I32 []" },
      { path: "query.params.0.weight", expected: "F32 [3,2]", found: "F32 [2,3]" },
      { path: "query.params.1.bias", expected: "F32 [1]", found: "nothing" },
      { path: "empty", expected: "nothing", found: "F32 [0,3]" },
    ]);
    assertStringIncludes(renderCheckpointError(error), "4 differences");
    dispose({ state, template });
  }));

Deno.test("only float32, int32, uint8 and bool are made into tensors", () => {
  const stored = { name: "x", dtype: "F16", shape: [1], data: Uint8Array.of(0, 0) } as const;
  assertThrows(() => toTensor(stored), TypeError, "found F16");
});

Deno.test("a file that is no checkpoint is refused by what it lacks", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "x.safetensors");
    const whole = { config: "{}", position: '{"epoch":0,"batch":0,"step":1}', metrics: "{}" };
    const cases: readonly [metadata: Record<string, string>, what: string][] = [
      [{}, "config"],
      [{ ...whole, config: "{" }, "config"],
      [{ ...whole, position: '{"epoch":0,"batch":0.5,"step":1}' }, "position"],
      [{ ...whole, position: '{"epoch":0,"batch":0}' }, "position"],
      [{ ...whole, metrics: "[1]" }, "metrics"],
      [{ ...whole, best: '{"score":"1","step":1}' }, "best"],
      [{ ...whole, data: '{"images":12}' }, "data"],
      [{ ...whole, data: '{"images":-1,"digest":"0a"}' }, "data"],
    ];
    for (const [metadata, what] of cases) {
      await Deno.writeFile(path, encode([], metadata));
      const error = left(await loadCheckpoint(path)());
      assertEquals(error._tag === "NotACheckpoint" && error.what, `__metadata__.${what}`);
    }
    await Deno.writeFile(path, encode([], whole));
    right(await loadCheckpoint(path)());
    assertEquals(left(await loadCheckpoint(join(folder, "none"))()), {
      _tag: "UnreadableFile",
      path: join(folder, "none"),
      reason: "no such file or folder",
    });
  }));

Deno.test("the names of checkpoints sort as their steps do, and are read back", () => {
  assertEquals(stepFile("f", 1234), join("f", "step-00001234.safetensors"));
  assertEquals(stepOf(stepFile("f", 123_456_789)), 123_456_789);
  for (const name of ["best.safetensors", ".step-00000001.safetensors.partial", "step-1.safetensors", "config.json"]) {
    assertEquals(stepOf(name), undefined, name);
  }
});

Deno.test("the last n stay, and the best; later steps are not touched", () =>
  inTemporary(async (folder) => {
    const state = stateOf(1);
    await Deno.writeTextFile(stepFile(folder, 99), "damaged");
    for (const step of [1, 2, 3, 4]) {
      right(await saveStep(folder, tensorsOf(state), about(step), { last: 2, best: step === 2 })());
    }
    assertEquals(files(folder), [
      "best.safetensors",
      "step-00000003.safetensors",
      "step-00000004.safetensors",
      "step-00000099.safetensors",
    ]);
    assertEquals(right(await loadCheckpoint(bestFile(folder))()).position.step, 2);
    // Saving a step again, and naming it best again, leaves whole files and no others.
    right(await saveStep(folder, tensorsOf(state), about(4), { last: 2, best: true })());
    right(await saveStep(folder, tensorsOf(state), about(4), { last: 2, best: true })());
    assertEquals(files(folder).length, 4);
    assertEquals(right(await loadCheckpoint(bestFile(folder))()).position.step, 4);
    dispose(state);
  }));

Deno.test("the newest whole checkpoint is found; damaged ones are reported", () =>
  inTemporary(async (folder) => {
    assertEquals(left(await loadLatest(join(folder, "none"))()), {
      _tag: "NoCheckpoint",
      folder: join(folder, "none"),
      damaged: [],
    });
    const state = stateOf(1);
    for (const step of [1, 2, 3]) {
      right(await saveStep(folder, tensorsOf(state), about(step), { last: 9, best: false })());
    }
    dispose(state);
    const whole = await Deno.readFile(stepFile(folder, 3));
    await Deno.writeFile(stepFile(folder, 3), whole.subarray(0, whole.length - 1));
    await Deno.writeFile(stepFile(folder, 2), whole.map((byte, i) => i === 90 ? byte ^ 1 : byte));
    const { checkpoint, damaged } = right(await loadLatest(folder)());
    assertEquals(checkpoint.position.step, 1);
    assertEquals(damaged.map((error) => error._tag === "DamagedFile" && [error.path, error.fault._tag]), [
      [stepFile(folder, 3), "Truncated"],
      [stepFile(folder, 2), "WrongChecksum"],
    ]);
    await Deno.remove(stepFile(folder, 1));
    const error = left(await loadLatest(folder)());
    assertMatch(renderCheckpointError(error), /found only damaged ones\n.*step-00000003.*\n.*step-00000002/);
  }));

/** A disk with room for so many bytes. */
const fullAfter = (room: number): OpenFile => async (path) => {
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  let left = room;
  return {
    write: (bytes) => {
      if (left === 0) throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
      const fits = bytes.subarray(0, Math.min(left, bytes.length)); // a short write, as systems make them
      left -= fits.length;
      return file.write(fits);
    },
    seek: (offset, whence) => file.seek(offset, whence),
    sync: () => file.sync(),
    close: () => file.close(),
  };
};

Deno.test("a save that fails at any byte leaves what was there, and no temporary file (a file that refuses bytes)", () =>
  inTemporary(async (folder) => {
    const path = stepFile(folder, 1);
    const [old, next] = [stateOf(1), stateOf(2)];
    right(await saveCheckpoint(path, tensorsOf(old), about(1))());
    const before = await Deno.readFile(path);
    const needed = before.length + 64; // the checksum is written over its zeros
    for (const room of [0, 1, 8, 100, before.length - 1, before.length, needed - 1]) {
      const error = left(await saveCheckpoint(path, tensorsOf(next), about(1), fullAfter(room))());
      assertEquals(error, { _tag: "UnwritableFile", path, reason: "no space left on the device" });
      assertEquals(await Deno.readFile(path), before);
      assertEquals(files(folder), ["step-00000001.safetensors"]);
    }
    right(await saveCheckpoint(path, tensorsOf(next), about(1), fullAfter(needed))());
    assertNotEquals(await Deno.readFile(path), before);
    dispose({ old, next });
  }));

Deno.test({
  name: "a full disk costs no checkpoint, and is named (a small tmpfs; needs the right to mount)",
  ignore: !canMount,
  fn: async () => {
    await onSmallDisk(128, async (folder) => {
      const state = { x: tf.zeros([5000]) };
      const keep = { last: 1, best: false };
      right(await saveStep(folder, tensorsOf(state), about(1), keep)());
      await fillDisk(folder);
      const error = left(await saveStep(folder, tensorsOf(state), about(2), keep)());
      assertEquals(error, {
        _tag: "UnwritableFile",
        path: stepFile(folder, 2),
        reason: "no space left on the device",
      });
      assertEquals(files(folder), ["ballast", "step-00000001.safetensors"]);
      assertEquals(right(await loadLatest(folder)()).checkpoint.position.step, 1);
      await Deno.remove(join(folder, "ballast"));
      right(await saveStep(folder, tensorsOf(state), about(2), keep)());
      assertEquals(files(folder), ["step-00000002.safetensors"]);
      dispose(state);
    });
  },
});

Deno.test("a file that cannot be made is named with its reason", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "none", "x.json");
    assertEquals(left(await writeTextAtomic(path, "{}")()), {
      _tag: "UnwritableFile",
      path,
      reason: "no such file or folder",
    });
  }));

Deno.test("what a killed program left is removed, and nothing else", () =>
  inTemporary(async (folder) => {
    const path = stepFile(folder, 1);
    await Deno.writeTextFile(partialPath(path), "half");
    await Deno.writeTextFile(path, "whole");
    await removePartial(folder);
    assertEquals(files(folder), ["step-00000001.safetensors"]);
  }));

Deno.test("a reader always finds a whole checkpoint while another program saves and removes them", () =>
  inTemporary(async (folder) => {
    const state = stateOf(1);
    const keep = { last: 1, best: false };
    right(await saveStep(folder, tensorsOf(state), about(0), keep)());
    let saves = true;
    const saving = (async () => {
      for (let step = 1; saves; step++) right(await saveStep(folder, tensorsOf(state), about(step), keep)());
    })();
    for (let read = 0; read < 300; read++) assertEquals(right(await loadLatest(folder)()).damaged, []);
    saves = false;
    await saving;
    dispose(state);
  }));

Deno.test("kill -9 at any time leaves the newest saved checkpoint whole, and no saved one is lost", () =>
  inTemporary(async (folder) => {
    const saver = new URL("../support/checkpoint_saver.ts", import.meta.url).pathname;
    let saved = 0;
    for (let round = 0; round < 6; round++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", `--allow-read=${folder}`, `--allow-write=${folder}`, saver, folder],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let text = (await reader.read()).value ?? ""; // it saves from now on
      await new Promise((resolve) => setTimeout(resolve, 5 + 60 * Math.random()));
      child.kill("SIGKILL");
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
      await child.status;
      const said = Math.max(...text.trim().split("\n").map(Number));
      const { checkpoint, damaged } = right(await loadLatest(folder)());
      assert(said > saved, "each round goes on from where the one before was killed");
      assert(checkpoint.position.step >= said, `step ${said} was saved, found ${checkpoint.position.step}`);
      assertEquals(damaged, []);
      assertEquals(new Set(checkpoint.tensors.map(({ data }) => data[0])), new Set([checkpoint.position.step % 256]));
      assert(right(await listCheckpoints(folder)()).length <= 3, "at most one is there that is yet to go");
      if (said >= 2) assertEquals(right(await loadCheckpoint(bestFile(folder))()).position.step % 2, 0);
      saved = said;
    }
  }));
