/**
 * What the commands do, called as functions.
 *
 * @module
 */
import { resolve } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import type { Either } from "../../src/core/either.ts";
import type { Dataset } from "../../src/data/types.ts";
import { drawViews } from "../../src/run/augment.ts";
import { parseConfig } from "../../src/config/config.ts";
import { batches } from "../../src/data/loader.ts";
import { configure, configureStored } from "../../src/run/configure.ts";
import { demo } from "../../src/run/demo.ts";
import { embed } from "../../src/run/embed.ts";
import { epochsWithin, secondsPerEpoch } from "../../src/run/epoch_time.ts";
import { renderRunError, type RunError } from "../../src/run/errors.ts";
import { evaluate } from "../../src/run/evaluate.ts";
import { exportWeights } from "../../src/run/export.ts";
import { batchesOf, holdOut } from "../../src/run/images.ts";
import { replay } from "../../src/run/replay.ts";
import { supervised } from "../../src/run/supervise.ts";
import { train } from "../../src/run/train.ts";
import { readViews } from "../../src/run/views.ts";
import { silent } from "../../src/train/progress.ts";
import { makeData } from "../cli/files.ts";
import { inFolder } from "../cli/program.ts";
import { left, right } from "../support/either.ts";
import { png } from "../support/image_files.ts";
import { writePhoto } from "../support/photo_folder.ts";
import { canMount, onSmallDisk } from "../support/small_disk.ts";
import { storeEncoder } from "../support/stored_encoder.ts";
import { fieldAt } from "../support/field_at.ts";

/** A training of 5 steps an epoch on the images of a folder. */
const tiny = (path: string, out: string) => ({
  method: { queue: 16, groups: 2 },
  encoder: { width: 0.0625, dimension: 8 },
  augment: { size: 8 },
  data: { name: "idx" as const, path },
  training: { batch: 8, epochs: 1, evaluateEvery: 1, jit: false },
  out,
});

Deno.test("a run is trained in one call, stops when it is asked, and goes on with its own configuration", () =>
  inFolder(async (folder) => {
    const before = liveTensors();
    const out = `${folder}/run`;
    let open = 0;
    const interrupt = () => (open++, { requested: () => true, close: () => open-- });
    const stopped = right(await train({ ...tiny(await makeData(folder), out), interrupt })());
    assertEquals([stopped.outcome._tag, stopped.outcome.position.step, open], ["Interrupted", 1, 0]);
    dispose(stopped.outcome.state);

    const notes: string[] = [];
    const reporter = { ...silent, note: (text: string) => notes.push(text) };
    const { outcome, config } = right(await train({ out, resume: true, training: { epochs: 2 }, reporter })());
    assertEquals([outcome._tag, outcome.position.step, fieldAt(config, "method.dimension")], ["Finished", 10, 8]);
    assert(outcome.evaluation !== undefined && outcome.evaluation.knn > 0, "kNN where there are labels");
    assertStringIncludes(notes.join("\n"), "Resuming at step 1");
    dispose(outcome.state);

    const evaluated = right(await evaluate({ run: out, baselines: true, linear: false })());
    assertEquals(evaluated.checkpoint.position.step, 10);
    assertEquals(evaluated.results.map(({ features }) => features), [
      "MoCo v2",
      "Random initialisation",
      "Raw pixels",
    ]);
    assertEquals(liveTensors(), before);

    const again = left(await train(tiny(`${folder}/data`, out))());
    assertEquals(again._tag, "RunExists");
    const other = left(await train({ out, resume: true, method: { dimension: 16 } })());
    assertEquals(other._tag, "DifferentState");
  }));

Deno.test("a training that is refused after its images were opened closes them", () =>
  inFolder(async (folder) => {
    for (let i = 0; i < 12; i++) await writePhoto(`${folder}/photos/${i}.png`, i);
    const before = liveTensors();
    const data = { name: "folder", path: `${folder}/photos` } as const;
    const augment = { size: 8, mean: [0.5], std: [0.5] }; // of one channel
    const refused = left(await train({ ...tiny(folder, `${folder}/run`), data, augment })());
    assertEquals([refused._tag, liveTensors()], ["BadConfig", before]);
  }));

Deno.test("an image that cannot be used, where it is to stop, is a left of every command", () =>
  inFolder(async (folder) => {
    const [good, bad, out] = ["good", "bad", "run"].map((name) => `${folder}/${name}`);
    for (const name of ["a", "b"]) {
      for (let i = 0; i < 12; i++) {
        for (const images of [good, bad]) await Deno.mkdir(`${images}/${name}`, { recursive: true });
        const file = png(Array.from({ length: 300 }, (_, n) => (n * n * (i + 3)) % 251), 10, 10);
        await Deno.writeFile(`${good}/${name}/${i}.png`, file);
        await Deno.writeFile(`${bad}/${name}/${i}.png`, file.subarray(0, file.length - 60));
      }
    }
    const data = { name: "folder", path: bad, onUnreadable: "stop" } as const;
    const { out: _, data: __, ...fields } = tiny(good, out);
    const trained = right(await train({ ...fields, out, data: { ...data, path: good } })());
    dispose(trained.outcome.state);
    const before = liveTensors();
    const ended: readonly Either<RunError, unknown>[] = [
      await train({ ...fields, out: `${folder}/other`, data })(),
      await evaluate({ run: out, data, linear: false })(),
      await demo({ ...fields, out: `${folder}/demo`, data, minutes: 1 })(),
      await drawViews({ ...fields, data, out: `${folder}/sheet.png` })(),
    ];
    const refused = ended.map(left);
    assertEquals(refused.map(({ _tag }) => _tag), refused.map(() => "UnreadableImage"));
    assertStringIncludes(renderRunError(refused[1]), `Cannot read image ${bad}/`);
    assertEquals(liveTensors(), before);
  }));

Deno.test(
  "a contact sheet is whole or not there, and is called a PNG",
  { ignore: !canMount },
  () =>
    onSmallDisk(64, async (folder) => {
      const images = `${folder}/images`;
      await Deno.mkdir(images);
      await Deno.writeFile(`${images}/a.png`, png(Array.from({ length: 300 }, (_, n) => (n * n * 3) % 251), 10, 10));
      const asked = { data: { name: "folder", path: images }, augment: { size: 64 } } as const;
      const named = left(await drawViews({ ...asked, out: `${folder}/sheet.jpg` })());
      assertEquals(renderRunError(named), `Cannot write ${folder}/sheet.jpg: expected a name that ends in .png`);
      const full = left(await drawViews({ ...asked, out: `${folder}/sheet.png`, images: 1, views: 20 })());
      assertStringIncludes(renderRunError(full), `Cannot write ${folder}/sheet.png: no space left`);
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["images"]);
    }).then((done) => assert(done)),
);

Deno.test("a fault of a request is not laid to the checkpoint that it is about", () =>
  inFolder(async (folder) => {
    const run = `${folder}/encoder.safetensors`;
    await storeEncoder(run);
    const data = { name: "folder", path: folder } as const;
    const augment = { evaluationSize: 1 };
    const refused = [
      await evaluate({ run, data, augment })(),
      await embed({ run, data, augment, to: `${folder}/photos.moco` })(),
      await exportWeights({ run, encoder: { evaluationGrid: 99 }, format: "onnx", out: `${folder}/onnx` })(),
    ].map((ended) => renderRunError(left<RunError>(ended)));
    for (const message of refused) {
      assertMatch(message, /^Cannot use the configuration: 1 fault\n {2}(augment|encoder)\./);
    }
    const stored = { path: run, config: { training: { batch: "x" } } };
    const both = left(configureStored(stored, { augment }));
    assertEquals([both.path, both.faults.length], [run, 2]);
  }));

Deno.test("a configuration starts from a preset or a run, and each fault is tagged", () =>
  inFolder(async (folder) => {
    const vit = right(await configure({ encoder: { name: "vit-tiny" } }, { preset: "v1", data: false })());
    assertEquals([vit.encoder.name, vit.training.batch], ["vit-tiny", 256]);
    const preset = left(await configure({}, { preset: "fashion-v3" })());
    assertEquals(preset._tag === "UnknownPreset" && preset.suggestion, "fashion-v1");
    const faults = left(await configure({ training: { batch: "x" }, out: "y" }, { run: folder })());
    assertEquals(faults._tag === "BadConfig" && faults.faults.map(({ path }) => path), ["training.batch", "out"]);
    await Deno.writeTextFile(`${folder}/config.json`, "{ training");
    const damaged = left(await configure({}, { run: folder })());
    assertEquals(damaged._tag, "UnreadableConfig");
    assertStringIncludes(renderRunError(damaged), `Cannot read ${folder}/config.json: expected JSON, found `);
    await Deno.writeTextFile(`${folder}/config.json`, "[1]");
    const list = renderRunError(left(await configure({}, { run: folder })()));
    assertEquals(list, `Cannot read ${folder}/config.json: expected a record, found [1]`);
    await Deno.writeTextFile(`${folder}/config.json`, `{ "training": { "batch": 32 } }`);
    assertEquals(right(await configure({}, { run: folder })()).training.batch, 32);
    assertEquals(right(await configure({}, { run: folder, preset: "v1", data: false })()).training.batch, 256);
  }));

/** Images of one pixel. */
const pixels = (labels?: readonly number[], count = labels?.length ?? 4): Dataset => ({
  ...{
    name: "pixels",
    images: Uint8Array.from({ length: count }, (_, i) => i),
    count,
    height: 1,
    width: 1,
    channels: 1,
  },
  ...(labels === undefined ? {} : { labels: Uint8Array.from(labels) }),
});

Deno.test("every fifth image of each class is held out where there are no test images, and it is said", () => {
  const notes: string[] = [];
  const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1];
  const { train, test } = right(holdOut({ train: pixels(labels) }, "here", (text) => notes.push(text)));
  assertEquals([...test.images], [8, 9]);
  assertEquals([...train.images], [0, 1, 2, 3, 4, 5, 6, 7, 10]);
  assertEquals(notes, ["Note: here has no test images; every fifth of each class is held out, 2 in all."]);
  const both = right(holdOut({ train: pixels([0]), test: pixels([0]) }, "here", (text) => notes.push(text)));
  assertEquals([both.train.count, both.test.count, notes.length], [1, 1, 1]);
});

Deno.test("images without labels, too few to hold some out, and too few for a batch are tagged", () => {
  assertEquals(left(holdOut({ train: pixels() }, "here"))._tag, "NoLabels");
  assertEquals(left(holdOut({ train: pixels([0]), test: pixels() }, "here"))._tag, "NoLabels");
  const few = left(holdOut({ train: pixels([0, 1, 2]) }, "here"));
  assertEquals(few, { _tag: "NoneToHoldOut", data: "here", count: 3 });
});

Deno.test("one image of each small class is held out too, and classes with one image are named", () => {
  const notes: string[] = [];
  const train = { ...pixels([0, 0, 0, 0, 0, 1, 1, 2, 0, 3, 3, 3, 3]), classes: ["many", "two", "one", "four"] };
  const { test } = right(holdOut({ train }, "here", (text) => notes.push(text)));
  assertEquals([...test.labels], [0, 1, 3]);
  assertEquals(notes.at(-1), "Warning: not measured, for there is one image only: one.");
});

Deno.test("every path of a configuration is absolute, and words in a path's place stay", async () => {
  const data = { name: "folder" as const, path: "a", testPath: "../b", labels: "none" };
  const { data: found } = right(await configure({ data }, {})());
  assertEquals(found, { ...data, path: resolve("a"), testPath: resolve("../b"), onUnreadable: "skip" });
  const listed = right(await configure({ data: { ...data, labels: "list.csv" } }, {})());
  assertEquals("labels" in listed.data && listed.data.labels, resolve("list.csv"));
});

Deno.test("a memory bank needs more images than a batch, other methods as many", async () => {
  const config = async (name: "moco" | "memory-bank") =>
    right(await configure({ method: { name }, training: { batch: 4 } }, {})());
  assertEquals(right(batchesOf(pixels(), await config("moco"))).perEpoch, 1);
  const bank = left(batchesOf(pixels(), await config("memory-bank")));
  assertEquals(bank, { _tag: "TooFewImages", data: "pixels", count: 4, batch: 4, others: true });
});

Deno.test("fewer labelled images than groups, or than workers, are refused by the field that is too large", () => {
  const refused = (groups: number, workers: number) => {
    const config = right(parseConfig({ method: { name: "supervised", groups }, training: { batch: 16 } }));
    const fault = left(supervised({ config, images: { train: pixels([0, 1, 1]) } }, workers, () => {}));
    return renderRunError(fault).split("\n  ")[1];
  };
  const found = "found 3 labelled images";
  assertEquals(
    refused(8, 1),
    `method.groups (--groups): expected an image for each of the 8 groups of batch norm, ${found}`,
  );
  assertEquals(refused(1, 4), `training.batch (--batch): expected an image for each of the 4 workers, ${found}`);
});

Deno.test("the states before and after the steps of a replay have a file each", async () => {
  const asked = { batches: "/no/views", out: "/no/a.safetensors", initOut: "/no/../no/a.safetensors" };
  assertEquals(
    renderRunError(left(await replay(asked)())),
    "Cannot write /no/a.safetensors: expected another file for the state before the first step, found the same",
  );
});

Deno.test("as many epochs as fit into the minutes, one at least", () => {
  assertEquals([epochsWithin(5, 60), epochsWithin(5, 61), epochsWithin(0.001, 60)], [5, 4, 1]);
});

Deno.test("an epoch of two batches is timed over as many steps as a long one", () => {
  const config = right(parseConfig({
    method: { name: "moco", queue: 8, groups: 1 },
    encoder: { name: "resnet18", width: 0.0625 },
    augment: { size: 8 },
    data: { name: "idx", path: "none" },
    training: { batch: 4, jit: false },
  }));
  const images = { name: "grey", images: new Uint8Array(8 * 64), count: 8, height: 8, width: 8, channels: 1 } as const;
  const source = batches({ dataset: images, batch: 4, seed: 0 });
  const epochs: number[] = [];
  secondsPerEpoch(config, images, { ...source, epoch: (epoch) => (epochs.push(epoch), source.epoch(epoch)) });
  assertEquals([source.perEpoch, epochs], [2, [0, 1, 2, 3, 4]]); // ten steps
});

Deno.test("scalars are no views and no sample of a memory bank, and a step that is far away leaves others out", () => {
  const scalar = (name: string, dtype: "F32" | "I32") => ({ name, dtype, shape: [], data: new Uint8Array(4) });
  const stored = [scalar("0.query", "F32"), scalar("0.key", "F32"), scalar("0.sample", "I32")];
  const { faults } = left(readViews("a.safetensors", stored, { batch: 2 }));
  assertEquals(faults, [
    "0.query: expected F32 [2, height, width, channels], found F32 []",
    "0.key: expected F32 [2, height, width, channels], found F32 []",
    "0.sample: expected I32 for a memory bank alone, found I32 []",
  ]);
  const far = left(readViews("a.safetensors", [scalar("1000000000.query", "F32")], { batch: 2 }));
  assertEquals(far.faults[0], "0.query: expected F32 [2, height, width, channels], found nothing");
});
