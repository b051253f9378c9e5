import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encode, type StoredTensor } from "../../src/files/safetensors.ts";
import { buildMethod } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import { key } from "../../src/core/random.ts";
import { dispose } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import { jit, readBytes, tf } from "../../src/engine/mod.ts";
import { right } from "../support/either.ts";
import { floats, storedView, tensorsIn } from "./files.ts";
import { inFolder, moco, succeeds } from "./program.ts";

const raw = {
  method: { queue: 8, groups: 2, dimension: 8 },
  encoder: { width: 0.0625 },
  augment: { size: 8 },
  training: { batch: 4, seed: 5, epochs: 2 },
};
const shape = [4, 8, 8, 1];
const stepsPerEpoch = 2;

/** Views of three steps; the second one brings its own permutation. */
const views: readonly StoredTensor[] = [0, 1, 2].flatMap((step) => [
  storedView(`${step}.query`, step),
  storedView(`${step}.key`, step + 10),
  ...(step === 1 ? [{ name: "1.shuffle", dtype: "I32" as const, shape: [4], data: int32(2, 0, 3, 1) }] : []),
]);

function int32(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

/** The same steps by the library: the losses, and the bytes of every tensor of the last state. */
function byLibrary(): { readonly losses: readonly number[]; readonly state: Record<string, Uint8Array> } {
  const method = buildMethod(right(parseConfig(raw)), [8, 8, 1], stepsPerEpoch);
  const step = jit(method.step);
  let state = method.init(key(5));
  const losses = [0, 1, 2].map((at) => {
    const named = (name: string) => views.find((tensor) => tensor.name === `${at}.${name}`);
    const next = step(state, {
      query: tf.tensor(floats(named("query")!), shape),
      key: tf.tensor(floats(named("key")!), shape),
      ...(at === 1 ? { shuffle: tf.tensor1d([2, 0, 3, 1], "int32") } : {}),
    });
    dispose(state);
    state = next.state;
    return next.metrics.loss.dataSync()[0];
  });
  return { losses, state: Object.fromEntries(entries(state).map(([name, leaf]) => [name, readBytes(leaf)])) };
}

async function setUp(folder: string, tensors: readonly StoredTensor[] = views): Promise<readonly string[]> {
  await Deno.writeTextFile(`${folder}/c.json`, JSON.stringify(raw));
  await Deno.writeFile(`${folder}/views.safetensors`, encode(tensors));
  return ["step", "--config", `${folder}/c.json`, "--steps-per-epoch", `${stepsPerEpoch}`];
}

Deno.test("step gives the library's losses and the library's state, byte for byte", () =>
  inFolder(async (folder) => {
    const args = await setUp(folder);
    const out = `${folder}/out.safetensors`;
    const lines = await succeeds(...args, "--batches", `${folder}/views.safetensors`, "--out", out);
    const metrics = lines.trim().split("\n").map((line) => JSON.parse(line));
    const expected = byLibrary();
    assertEquals(metrics.map(({ step }) => step), [1, 2, 3]);
    assertEquals(metrics.map(({ loss }) => loss), expected.losses);
    assert(metrics.every(({ chance }) => Math.abs(chance - Math.log(9)) < 1e-6));
    assertEquals(await tensorsIn(out), expected.state);
  }));

Deno.test("two steps, and one more from their state, are three steps; the initial state is as the seed says", () =>
  inFolder(async (folder) => {
    const args = [...await setUp(folder), "--no-jit"]; // compiling takes longer than three steps
    const part = (name: string, steps: readonly number[]) =>
      Deno.writeFile(
        `${folder}/${name}`,
        encode(views.flatMap((tensor) => {
          const at = steps.indexOf(Number(tensor.name[0]));
          return at < 0 ? [] : [{ ...tensor, name: `${at}${tensor.name.slice(1)}` }];
        })),
      );
    await part("first.safetensors", [0, 1]);
    await part("last.safetensors", [2]);
    const at = (name: string) => `${folder}/${name}.safetensors`;
    await succeeds(...args, "--batches", at("first"), "--out", at("two"), "--init-out", at("initial"));
    await succeeds(...args, "--state", at("two"), "--batches", at("last"), "--out", at("three"));
    const again = await succeeds(...args, "--state", at("initial"), "--batches", at("views"), "--out", at("whole"));
    assertEquals(await tensorsIn(at("three")), await tensorsIn(at("whole")));
    assertEquals(JSON.parse(again.split("\n")[0]).realKeys, 0);
  }));

Deno.test("views that do not fit are refused by name, each of them, and nothing is written", () =>
  inFolder(async (folder) => {
    const [first, second, third, order, ...rest] = views;
    const args = await setUp(folder, [
      first,
      { ...second, shape: [4, 8, 4, 2] },
      { ...third, name: "1.query2" },
      { ...order, name: "1.key" },
      { ...rest[0], name: "1.shuffle", dtype: "I32", shape: [4], data: int32(0, 0, 1, 2) },
    ]);
    const ran = await moco(...args, "--batches", `${folder}/views.safetensors`, "--out", `${folder}/out.safetensors`);
    assertEquals(ran.code, 1);
    for (
      const line of [
        "1.query2: expected names such as 0.query, 0.key, 0.shuffle, 0.index, 0.labels and 0.sample",
        "0.key: expected F32 [4, 8, 8, 1], found F32 [4, 8, 4, 2]",
        "1.query: expected F32 [4, 8, 8, 1], found nothing",
        "1.shuffle: expected a permutation of 0 to 3",
      ]
    ) assertStringIncludes(ran.stderr, line);
    assertEquals(ran.stdout, "");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["c.json", "views.safetensors"]);
  }));

Deno.test("a state of another shape is refused with every difference, and nothing is written", () =>
  inFolder(async (folder) => {
    const args = [...await setUp(folder), "--no-jit"];
    const at = (name: string) => `${folder}/${name}.safetensors`;
    await succeeds(...args, "--batches", at("views"), "--out", at("state"));
    const ran = await moco(
      ...args,
      ...["--dimension", "16", "--state", at("state"), "--batches", at("views"), "--out", at("out")],
    );
    assertEquals([ran.code, ran.stdout], [1, ""]);
    assertStringIncludes(ran.stderr, "queue.keys: expected F32 [8,16], found F32 [8,8]");
    assert(!ran.stderr.includes("    at "), "a stack trace");
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name === "out.safetensors"), false);
  }));

Deno.test("the schedule needs the length of an epoch, and says so where it cannot be known", () =>
  inFolder(async (folder) => {
    const args = (await setUp(folder)).slice(0, 3);
    const files = ["--batches", `${folder}/views.safetensors`, "--out", `${folder}/out.safetensors`];
    const ran = await moco(...args, ...files, "--data", "folder");
    assertEquals(ran.code, 2);
    assertStringIncludes(ran.stderr, "Give --steps-per-epoch, or --limit");
  }));
