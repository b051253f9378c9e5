/**
 * The mechanisms that MoCo is compared with, by the real program: pretrain, resume, evaluate, step.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encode, type StoredTensor } from "../../src/files/safetensors.ts";
import { buildMethod } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import { key } from "../../src/core/random.ts";
import { dispose } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import { readBytes, tf } from "../../src/engine/mod.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { right } from "../support/either.ts";
import { floats, makeData, storedView, tensorsIn } from "./files.ts";
import { inFolder, moco, succeeds } from "./program.ts";

/** Few and small steps, which do not repay compiling. */
const tiny = (method: { readonly name: string }, batch: number) => ({
  method: { ...method, dimension: 8 },
  encoder: { width: 0.0625 },
  augment: { size: 8 },
  training: { batch, epochs: 2, seed: 5, jit: false, logEvery: 1 },
});

const cases = [
  { method: { name: "end-to-end" }, called: "End-to-end", chance: Math.log(16), holds: "key.params.head.0.weight" },
  { method: { name: "simclr" }, called: "SimCLR", chance: Math.log(31), holds: "query.params.head.0.weight" },
  { method: { name: "memory-bank", negatives: 30 }, called: "Memory bank", chance: Math.log(31), holds: "bank.seen" },
] as const;

for (const { method, called, chance, holds } of cases) {
  Deno.test(`${called}: pretrain, resume, evaluate`, () =>
    inFolder(async (folder) => {
      const [data, run, file] = [await makeData(folder), `${folder}/run`, `${folder}/c.json`];
      await Deno.writeTextFile(file, JSON.stringify({ ...tiny(method, 16), data: { name: "idx", path: data } }));
      await succeeds("pretrain", "--config", file, "--out", run);
      const last = `${run}/checkpoints/step-00000004.safetensors`;
      const whole = await tensorsIn(last);
      assert(holds in whole, `${holds} is not in the checkpoint`);
      const [{ metrics }] = parseMetrics(await Deno.readTextFile(`${run}/metrics.jsonl`));
      assert(Math.abs(metrics!.chance - chance) < 1e-5, `${metrics!.chance}`);

      if (called === "Memory bank") { // what is special about the others' states is nothing to a checkpoint
        await Deno.remove(last);
        await succeeds("pretrain", "--resume", "--out", run);
        assertEquals(await tensorsIn(last), whole);
      }

      // Fewer images to measure with than there were to train on: a bank keeps the rows that it has.
      const { results } = JSON.parse(
        await succeeds("evaluate", "--run", run, "--json", "--no-linear", "--limit", "30"),
      );
      assertEquals(results.map((result: { features: string }) => result.features), [called]);
    }));
}

const bank = tiny({ name: "memory-bank", ...{ negatives: 6 } }, 4);

/** Two steps on views of 4 images of 10. */
const places = [[7, 0, 3, 9], [3, 8, 1, 0]];
const stored = (name: string, values: readonly number[]): StoredTensor => ({
  ...{ name, dtype: "I32", shape: [values.length] },
  data: new Uint8Array(Int32Array.from(values).buffer),
});
const views = (index: readonly (readonly number[])[]) =>
  index.flatMap((values, step) => [
    ...[storedView(`${step}.query`, step), storedView(`${step}.key`, step + 10)],
    ...(values.length === 0 ? [] : [stored(`${step}.index`, values)]),
  ]);

function step(folder: string, index: readonly (readonly number[])[], ...flags: readonly string[]) {
  return stepOn(folder, views(index), flags);
}

async function stepOn(folder: string, tensors: readonly StoredTensor[], flags: readonly string[]) {
  await Deno.writeTextFile(`${folder}/c.json`, JSON.stringify(bank));
  await Deno.writeFile(`${folder}/views.safetensors`, encode(tensors));
  const files = ["--batches", `${folder}/views.safetensors`, "--out", `${folder}/out.safetensors`];
  return await moco("step", "--config", `${folder}/c.json`, "--steps-per-epoch", "2", ...files, ...flags);
}

Deno.test("Memory bank: step gives the library's losses and state, byte for byte", () =>
  inFolder(async (folder) => {
    const ran = await step(folder, places, "--limit", "10");
    assertEquals([ran.code, ran.stderr], [0, ""]);
    const lines = ran.stdout.trim().split("\n").map((line) => JSON.parse(line));
    const method = buildMethod(right(parseConfig(bank)), [8, 8, 1], 2, 10);
    let state = method.init(key(5));
    const losses = places.map((values, at) => {
      const [query, view] = views(places).slice(3 * at, 3 * at + 2).map((x) => tf.tensor(floats(x), [4, 8, 8, 1]));
      const next = method.step(state, { query, key: view, index: tf.tensor1d(values, "int32") });
      dispose(state);
      state = next.state;
      return next.metrics.loss.dataSync()[0];
    });
    assertEquals(lines.map(({ loss, realKeys }) => [loss, Math.round(10 * realKeys)]), [[losses[0], 0], [
      losses[1],
      4,
    ]]);
    const whole = Object.fromEntries(entries(state).map(([path, leaf]) => [path, readBytes(leaf)]));
    assertEquals(await tensorsIn(`${folder}/out.safetensors`), whole);

    // From a state, the bank's own rows say how many images there are.
    await Deno.rename(`${folder}/out.safetensors`, `${folder}/state.safetensors`);
    const on = await step(folder, places, "--state", `${folder}/state.safetensors`, "--data", "folder");
    assertEquals([on.code, on.stderr], [0, ""]);
  }));

Deno.test("Memory bank: views without places, or with impossible ones, are refused by name", () =>
  inFolder(async (folder) => {
    const ran = await step(folder, [[], [3, 8, 1, 10], [1, 1, 2, 3], [1, 2, 3]], "--limit", "10");
    assertEquals([ran.code, ran.stdout], [1, ""]);
    for (
      const line of [
        "0.index: expected I32 [4], found nothing",
        "1.index: expected places among 10 images, each at most once",
        "2.index: expected places among 10 images, each at most once",
        "3.index: expected I32 [4], found I32 [3]",
      ]
    ) assertStringIncludes(ran.stderr, line);
  }));

Deno.test("Memory bank: the views may say which stored keys are the negatives, six of them among the images", () =>
  inFolder(async (folder) => {
    const lossOf = async (...samples: readonly (readonly number[])[]) => {
      const brought = samples.map((sample, at) => stored(`${at}.sample`, sample));
      const ran = await stepOn(folder, [...views(places), ...brought], ["--limit", "10", "--no-jit"]);
      return ran.code === 0 ? JSON.parse(ran.stdout.trim().split("\n")[1]).loss : ran.stderr;
    };
    const none = [1, 2, 4, 5, 6, 8]; // not seen before the second step
    const [seen, unseen] = [await lossOf(none, [7, 9, 7, 9, 7, 9]), await lossOf(none, none)];
    assertEquals([typeof seen, typeof unseen, seen === unseen], ["number", "number", false]);
    const refused = await lossOf(none, [1, 2, 4, 5, 6, 10]);
    assertStringIncludes(refused, "1.sample: expected places among 10 images, found something else");
    assertStringIncludes(await lossOf([1, 2]), "0.sample: expected I32 [6], found I32 [2]");
  }));

Deno.test("Memory bank: how many images there are must be known, and must be more than a batch", () =>
  inFolder(async (folder) => {
    const unknown = await step(folder, places, "--data", "folder");
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, "Give --limit, or --state");
    const few = await step(folder, places, "--limit", "4");
    assertEquals(few.code, 2);
    assertStringIncludes(few.stderr, "expected more images than the 4 of a batch, found 4");
    const data = await makeData(folder);
    const flags = ["--data", "idx", "--path", data, "--limit", "4"];
    const trained = await moco("pretrain", "--config", `${folder}/c.json`, ...flags, "--out", `${folder}/run`);
    assertEquals(trained.code, 1);
    assertStringIncludes(trained.stderr, "one batch of 4 images and others to sample negatives from, found 4 images");
  }));
