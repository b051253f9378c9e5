import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { dispose } from "../../src/core/scope.ts";
import { train } from "../../src/run/train.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import { scalarsEvent } from "../../src/train/tensorboard/events.ts";
import { tfRecord } from "../../src/data/tfrecord.ts";
import { openEventLog } from "../../src/train/tensorboard/event_log.ts";
import { right } from "../support/either.ts";
import { readEvents } from "../support/event_files.ts";
import { png } from "../support/image_files.ts";
import { toyRun } from "../support/toy_run.ts";

/** A folder while `f` runs. */
async function inFolder(f: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The events of each file in a folder, in the order of their names, which is TensorBoard's. */
async function eventsIn(folder: string) {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const files = names.filter((name) => name.includes("tfevents")).sort();
  return await Promise.all(files.map(async (name) => readEvents(await Deno.readFile(`${folder}/${name}`))));
}

/** The scalars that TensorBoard shows: a start makes it forget what earlier files say of that step and later ones. */
function shown(files: Awaited<ReturnType<typeof eventsIn>>): readonly (readonly [number, string, number])[] {
  let rows: (readonly [number, string, number])[] = [];
  for (const { step, isStart, scalars } of files.flat()) {
    if (isStart) rows = rows.filter(([known]) => known < step);
    for (const [tag, value] of scalars) rows.push([step, tag, value]);
  }
  return rows;
}

Deno.test("an event file begins with its version and a start, and holds every line and the views", async () => {
  await inFolder(async (folder) => {
    const before = Date.now() / 1000;
    const sheet = png(Array.from({ length: 18 }, (_, at) => 13 * at), 2, 3);
    const log = right(await openEventLog(`${folder}/made`, 0, sheet)());
    right(
      await log.append({ step: 300, epoch: 1.5, metrics: { loss: 2.5, "gradientNorm.a.b": -3 }, imagesPerSecond: 9 })(),
    );
    right(await log.append({ step: 400, epoch: 2, evaluation: { knn: 0.25 } })());
    log.close();
    const [[version, start, views, metrics, evaluation, ...others]] = await eventsIn(`${folder}/made`);
    assertEquals([version.version, start.isStart, start.step], ["brain.Event:2", true, 0]);
    assertEquals(views.images.get("views"), { height: 2, width: 3, png: sheet });
    assertEquals([metrics.step, [...metrics.scalars]], [300, [
      ["training/loss", 2.5],
      ["gradientNorm/a.b", -3],
      ["training/epoch", 1.5],
      ["training/imagesPerSecond", 9],
    ]]);
    assertEquals([...evaluation.scalars], [["evaluation/knn", 0.25], ["training/epoch", 2]]);
    assertEquals(others, []);
    assert(metrics.time >= before && metrics.time <= Date.now() / 1000);
  });
});

Deno.test("the file of each start sorts after those before it, even within a second", async () => {
  await inFolder(async (folder) => {
    for (const step of [0, 5, 7]) right(await openEventLog(folder, step)()).close();
    const files = await eventsIn(folder);
    assertEquals(files.map(([, start]) => start.step), [0, 6, 8]);
  });
});

Deno.test("a run that is stopped, or killed after its checkpoint, and resumed shows what a whole run shows", async () => {
  await inFolder(async (folder) => {
    const options = { logEvery: 1, jit: false };
    const whole = { ...toyRun(`${folder}/whole`, options), tensorboard: {} };
    dispose(right(await pretrain(whole)()).state);
    let steps = 0;
    const first = { ...toyRun(`${folder}/cut`, options), tensorboard: {}, interrupted: () => ++steps === 7 };
    dispose(right(await pretrain(first)()).state);
    // What a program writes that is killed later, within a record.
    const [name] = await Array.fromAsync(Deno.readDir(`${folder}/cut/tensorboard`), ({ name }) => name);
    const lost = [8, 9].map((step) => tfRecord(scalarsEvent({ time: 0, step }, { "training/loss": 99 })));
    const path = `${folder}/cut/tensorboard/${name}`;
    await Deno.writeFile(path, lost[0], { append: true });
    await Deno.writeFile(path, lost[1].subarray(0, 20), { append: true });
    assertEquals((await eventsIn(`${folder}/cut/tensorboard`))[0].at(-1)?.scalars.get("training/loss"), 99);
    dispose(right(await pretrain({ ...first, interrupted: () => false, resume: true })()).state);
    const rows = async (run: string) =>
      shown(await eventsIn(`${folder}/${run}/tensorboard`)).filter(([, tag]) => tag !== "training/imagesPerSecond");
    assertEquals(await rows("cut"), await rows("whole"));
    assertEquals((await rows("whole")).length, 15 * 5); // loss, chance, accuracy, identical views, and the epoch
  });
});

Deno.test("train writes the views, the scalars of its file of metrics, and what the projector reads", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/photos/cat`, { recursive: true });
    await Deno.mkdir(`${folder}/photos/dog`);
    for (let i = 0; i < 8; i++) {
      const bytes = png(Array.from({ length: 12 * 12 * 3 }, (_, at) => (at * (i + 3)) % 251), 12, 12);
      await Deno.writeFile(`${folder}/photos/${i % 2 === 0 ? "cat" : "dog"}/${i}.png`, bytes);
    }
    const trained = right(
      await train({
        ...{ data: { path: `${folder}/photos`, name: "folder" }, out: `${folder}/run`, tensorboard: true },
        ...{ method: { queue: 8, groups: 1 }, encoder: { width: 0.0625 }, augment: { size: 8 } },
        training: { batch: 4, epochs: 2, logEvery: 1, jit: false },
      })(),
    );
    dispose(trained.outcome.state);
    const made = `${folder}/run/tensorboard`;
    const [events] = await eventsIn(made);
    const sheet = events.flatMap(({ images }) => [...images])[0];
    assertEquals(sheet[0], "views");
    const records = parseMetrics(await Deno.readTextFile(`${folder}/run/metrics.jsonl`));
    const losses = events.filter(({ scalars }) => scalars.has("training/loss"));
    assertEquals(losses.map(({ step }) => step), records.map(({ step }) => step));
    losses.forEach(({ scalars }, at) => {
      assertAlmostEquals(scalars.get("training/loss")!, records[at].metrics!.loss, 1e-6);
      assertAlmostEquals(scalars.get("training/learningRate")!, records[at].metrics!.learningRate, 1e-6);
    });
    // A cosine over two epochs of two steps: the whole rate, then half of it.
    const rates = records.map(({ metrics }) => metrics!.learningRate);
    [1, 1, 0.5, 0.5].forEach((share, at) => assertAlmostEquals(rates[at], share * rates[0], 1e-7));
    const [vectors, images] = await Promise.all(
      ["features.tsv", "images.tsv"].map(async (name) =>
        (await Deno.readTextFile(`${made}/${name}`)).trimEnd().split("\n")
      ),
    );
    assertEquals([vectors.length, images.length], [8, 9]);
    assertEquals(new Set(vectors.map((row) => row.split("\t").length)).size, 1);
    assert(vectors.every((row) => row.split("\t").every((value) => Number.isFinite(Number(value)))));
    assertEquals(images[0], "image\tclass");
    assertMatch(images[1], /^(cat|dog)\/\d\.png\t(cat|dog)$/);
    assertMatch(await Deno.readTextFile(`${made}/projector_config.pbtxt`), /tensor_path: "features.tsv"/);
  });
});
