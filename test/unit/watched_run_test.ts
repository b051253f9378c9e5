import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { growingLines } from "../../src/files/growing_lines.ts";
import { curves } from "../../src/run/watched/curves.ts";
import { watchRun } from "../../src/run/watched/watch_run.ts";
import { explore } from "../../src/serve/explore.ts";
import { serve } from "../../src/serve/serve.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { defaultConfig } from "../../src/config/default_config.ts";
import { dispose } from "../../src/core/scope.ts";
import type { ImageFiles } from "../../src/data/types.ts";
import { batchesOf } from "../../src/run/images.ts";
import { train } from "../../src/run/train.ts";
import { queueOf } from "../../src/run/watched/queue.ts";
import { left, right } from "../support/either.ts";
import { png } from "../support/image_files.ts";
import { makePipe } from "../support/special_files.ts";

/** A folder while `f` runs. */
async function inFolder(f: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const add = (path: string, text: string) => Deno.writeTextFile(path, text, { append: true });

/** A line of a run in epochs of ten steps. */
const line = (step: number, metrics: Readonly<Record<string, unknown>> = { loss: 5, chance: 6 }): string =>
  `${JSON.stringify({ step, epoch: step / 10, metrics, imagesPerSecond: 100 })}\n`;

/** A run that is watched, after everything that is new was read. */
async function fresh(folder: string) {
  const run = watchRun(folder);
  await run.refresh();
  return run;
}

/** Reads a run again, which it does not do twice within a short time. */
async function again(run: ReturnType<typeof watchRun>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 320));
  await run.refresh();
}

Deno.test("however a file grows, each of its lines is read once, when it is whole", async () => {
  const parts = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "\n"), maxLength: 9 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(parts, (texts) =>
      inFolder(async (folder) => {
        const path = `${folder}/lines`;
        await Deno.writeTextFile(path, "");
        const read: string[] = [];
        const lines = growingLines(path, { begin: () => read.splice(0), line: (text) => read.push(text) });
        for (const text of texts) {
          await add(path, text);
          right(await lines.read()());
        }
        assertEquals(read, texts.join("").split("\n").slice(0, -1));
      })),
    { seed: 19, numRuns: 30 },
  );
});

Deno.test("a file is not read anew as it grows, and is when it was replaced, however long it is then", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/lines`;
    await Deno.writeTextFile(path, "1\n2\n3\n");
    let read: string[] = [];
    let begun = 0;
    const lines = growingLines(path, {
      begin: () => {
        begun++;
        read = [];
      },
      line: (text) => read.push(text),
    });
    for (const text of ["", "4\n"]) {
      await add(path, text);
      right(await lines.read()());
    }
    assertEquals([read, begun], [["1", "2", "3", "4"], 0]);
    for (const text of ["1\n2\n", "1\n0\n5\n6\n7\n"]) {
      await Deno.writeTextFile(path, text);
      right(await lines.read()());
      assertEquals(read, text.trim().split("\n"));
    }
    assertEquals(begun, 2);
    await Deno.remove(path);
    assertEquals(left(await lines.read()()).reason, "no such file or folder");
    await Deno.writeTextFile(path, "8\n");
    right(await lines.read()());
    assertEquals(read, ["8"]);
  });
});

Deno.test("a line that is too long to be one of ours is passed over, and a pipe is not waited for", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/lines`;
    await Deno.writeTextFile(path, `1\n${"x".repeat(3_000_000)}`);
    const read: string[] = [];
    const lines = growingLines(path, { begin: () => {}, line: (text) => read.push(text) });
    right(await lines.read()());
    await add(path, "\n2\n");
    right(await lines.read()());
    assertEquals(read, ["1", "2"]);
    if (Deno.build.os === "windows") return;
    makePipe(`${folder}/pipe`);
    const pipe = growingLines(`${folder}/pipe`, { begin: () => {}, line: () => {} });
    assertEquals(left(await pipe.read()()).reason, "expected a file, found something else");
  });
});

Deno.test("curves hold what came, and forget what a step that goes back undoes", () => {
  const made = curves();
  made.add({ step: 1, epoch: 0.1, metrics: { loss: 3 } });
  made.add({ step: 2, epoch: 0.2, metrics: { loss: 2, accuracy: 0.5 } });
  made.add({ step: 2, epoch: 0.2, evaluation: { knn: 0.7 } });
  assertEquals([...made.rows(1, ["loss", "evaluation.knn", "absent"])], [
    ...[2, 0.2, 2, NaN, NaN],
    ...[2, 0.2, NaN, 0.7, NaN],
  ]);
  assertEquals(made.last("loss"), 2);
  const before = made.generation();
  made.add({ step: 2, epoch: 0.2, metrics: { loss: 1 } });
  assertEquals([made.generation(), made.count()], [before, 4]);
  made.add({ step: 1, epoch: 0.1, metrics: { loss: 9 } });
  assertEquals([made.generation(), made.count()], [before + 1, 1]);
  assertEquals([...made.rows(0, ["loss", "accuracy"])], [1, 0.1, 9, NaN]);
});

Deno.test("a run is followed while it trains, is resumed, vanishes and comes again", async () => {
  await inFolder(async (folder) => {
    const metrics = `${folder}/metrics.jsonl`;
    const run = await fresh(folder);
    assertEquals(run.standing().end, undefined);
    assertMatch(run.standing().problem!, /^Cannot read .*metrics\.jsonl: no such file or folder$/);
    const config = { ...defaultConfig, training: { ...defaultConfig.training, epochs: 2, batch: 64 } };
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config));
    await Deno.writeTextFile(metrics, `${line(10)}${line(12).slice(0, 9)}`);
    await again(run);
    const standing = run.standing();
    assertEquals([standing.end, standing.epochs, standing.isFinished], [{ step: 10, epoch: 1 }, 2, false]);
    assertEquals(standing.secondsLeft, 6.4); // ten steps of 64 images, a hundred a second
    assertMatch(standing.method!, /^MoCo/);
    await add(metrics, line(12).slice(9));
    await again(run);
    assertEquals(run.standing().end?.step, 12);
    // A run that is resumed cuts its file off, and writes other lines from there on.
    const generation = run.curves.generation();
    await Deno.writeTextFile(metrics, `${line(10)}${line(11, { loss: 1 })}${line(20, { loss: 2 })}`);
    await again(run);
    assert(run.curves.generation() > generation);
    assertEquals([...run.curves.rows(0, ["loss"])].filter((_, place) => place % 3 === 2), [5, 1, 2]);
    assertEquals(run.standing().isFinished, true);
    await Deno.remove(metrics);
    await again(run);
    assertMatch(run.standing().problem!, /no such file/);
    assertEquals(run.curves.count(), 3); // what was read stays
  });
});

Deno.test("the alarms of a run are heard again from its file", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, "");
    const run = await fresh(folder);
    const calm = Array.from(
      { length: 30 },
      (_, i) => line(i + 1, { loss: 3, chance: 6, gradientNorm: 1, featureStd: 1 }),
    );
    await add(`${folder}/metrics.jsonl`, calm.join(""));
    await again(run);
    assertEquals(run.standing().alarms, []);
    await add(`${folder}/metrics.jsonl`, line(31, { loss: 3, chance: 6, gradientNorm: 50, featureStd: 0.001 }));
    await again(run);
    const [collapse, spike, ...others] = run.standing().alarms;
    assertStringIncludes(collapse, "Alarm at step 31: the features have collapsed");
    assertStringIncludes(spike, "gradientNorm is 50.0, 50 times what is usual");
    assertEquals(others, []);
  });
});

Deno.test("whatever stands in a run's files, what is whole in them is shown", async () => {
  await inFolder(async (folder) => {
    const damaged = [
      "no JSON",
      "null",
      "[]",
      '{"step":-1,"metrics":{"loss":1}}',
      '{"step":1e999,"metrics":{"loss":1}}',
      '{"step":0.5,"metrics":{"loss":1}}',
      '{"step":"1","metrics":{"loss":1}}',
      '{"step":1,"metrics":{"loss":"1","__proto__":2,"accuracy":null}}',
      '{"step":2,"epoch":"x","metrics":[1],"evaluation":7,"imagesPerSecond":{}}',
      '{"step":3,"epoch":0.3,"metrics":{"constructor":3,"<b>":4},"evaluation":{"knn":"1"}}',
      `{"step":4,"metrics":{${Array.from({ length: 3000 }, (_, i) => `"m${i}":${i}`).join()}}}`,
    ];
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, damaged.map((text) => `${text}\n`).join(""));
    await Deno.writeTextFile(`${folder}/config.json`, '{"training":{"epochs":"many"}}');
    const run = await fresh(folder);
    assertEquals(run.curves.count(), 4);
    assertEquals(run.curves.names().slice(0, 3), ["__proto__", "constructor", "<b>"]);
    assertEquals(run.curves.names().length, 1000);
    assertEquals([run.standing().end?.step, run.standing().method], [4, undefined]);
  });
});

Deno.test("runs are answered without a collection, row by row as they grow", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, line(1));
    const served = serve(undefined, { runs: [{ name: "a\nb", run: watchRun(folder) }] });
    try {
      const ask = (path: string) => fetch(`${served.address}api/${path}`);
      assertEquals(await (await ask("here")).json(), { hasCollection: false, runs: 1 });
      const [info] = await (await ask("runs")).json();
      assertEquals([info.name, info.count, info.end.step], ["a\\u000ab", 1, 1]);
      assertEquals(info.curves, ["loss", "chance", "imagesPerSecond"]);
      const rows = async (from: number, generation = info.generation) => {
        const bytes = await (await ask(`curves/0?name=loss&from=${from}&generation=${generation}`)).arrayBuffer();
        const length = new DataView(bytes).getUint32(0, true);
        const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
        return [head.from, ...new Float64Array(bytes.slice(4 + length))];
      };
      assertEquals(await rows(0), [0, 1, 0.1, 5]);
      assertEquals(await rows(1), [1]);
      assertEquals(await rows(1e9), [1]);
      assertEquals(await rows(1, 77), [0, 1, 0.1, 5]);
      await add(`${folder}/metrics.jsonl`, line(2));
      await new Promise((resolve) => setTimeout(resolve, 320));
      await (await ask("runs")).body?.cancel();
      assertEquals(await rows(1), [1, 2, 0.2, 5]);
      for (const [path, status] of [["collection", 404], ["curves/1", 404], ["curves/..%2f0", 404], ["curves/", 404]]) {
        const response = await ask(`${path}`);
        assertEquals([path, response.status], [path, status]);
        await response.body?.cancel();
      }
    } finally {
      await served.close();
    }
  });
});

Deno.test("what is neither a collection nor a run's folder is refused in a line", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/photos`);
    await Deno.writeTextFile(`${folder}/photos/cat.jpg`, "");
    const refused = async (...paths: readonly string[]) => renderRunError(left(await explore({ paths })()));
    assertEquals(
      await refused(`${folder}/photos`),
      `Cannot explore ${folder}/photos: expected a collection's file or a run's folder, found a folder with cat.jpg`,
    );
    assertEquals(
      await refused("a.moco", "b.moco"),
      "Cannot explore several collections: expected one file, found a.moco and b.moco",
    );
    assertMatch(await refused(`${folder}/none`), /none: no such file or folder$/);
  });
});

Deno.test("the keys of a queue are traced to their images, the newest first, and the views are drawn", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/photos`);
    const shades = [20, 60, 100, 140, 180, 220, 250, 5];
    const paths = shades.map((shade, at) => {
      const path = `${folder}/photos/${at}.png`;
      Deno.writeFileSync(path, png(Array.from({ length: 12 * 12 * 3 }, (_, i) => (i * at + shade) % 251), 12, 12));
      return path;
    });
    const trained = right(
      await train({
        ...{ data: { name: "folder", path: `${folder}/photos` }, out: `${folder}/run` },
        ...{ method: { queue: 12, groups: 1 }, encoder: { width: 0.0625 }, augment: { size: 8 } },
        training: { batch: 4, epochs: 2, logEvery: 1, jit: false },
      })(),
    );
    const { config, images, outcome } = trained;
    // Three steps' worth of keys: those of the last three steps, in the order in which the loader gave their images.
    const batches = right(batchesOf(images.train, config));
    const order: number[] = [];
    for (const epoch of [0, 1]) {
      for (const { index, ...rest } of batches.epoch(epoch)) {
        order.push(...index.dataSync<"int32">());
        dispose({ index, ...rest });
      }
    }
    batches.close?.();
    dispose(outcome.state);
    const queue = right(await queueOf(`${folder}/run`, config, images.train)());
    assertEquals([queue.step, queue.perEpoch, queue.size, queue.real], [4, 2, 12, 12]);
    const newestFirst = order.slice(4).reverse();
    const places = [0, 2, 4, 7, 9, 11]; // six of the twelve, evenly
    assertEquals(queue.rows.map(({ image }) => image), places.map((place) => newestFirst[place]));
    assertEquals(queue.rows.map(({ age }) => age), [0, 0, 1, 1, 2, 2]);
    for (const { nearest } of queue.rows) {
      assertEquals(nearest.length, 7);
      const similarities = nearest.map(({ similarity }) => similarity);
      assertEquals(similarities, similarities.toSorted((a, b) => b - a));
      assert(similarities.every((value) => value <= 1.00001));
    }
    const served = serve(undefined, { runs: [{ name: "run", run: watchRun(`${folder}/run`) }] });
    try {
      const ask = (path: string) => fetch(`${served.address}api/${path}`);
      const views = await ask("run-views/0");
      assertEquals([views.status, views.headers.get("content-type")], [200, "image/png"]);
      await views.body?.cancel();
      assertEquals((await (await ask("queue/0")).json()).real, 12);
      const picture = await ask("run-image/0?place=7");
      assertEquals(picture.headers.get("content-type"), "image/png");
      await picture.body?.cancel();
      const none = await ask("run-image/0?place=99");
      assertEquals([none.status, (await none.json()).error], [404, "Cannot show image 99: expected a number below 8"]);
      // Other images are noticed, and images that are gone are said to be.
      await Deno.remove(paths[0]);
      const files = images.train as ImageFiles;
      const seven = { ...files, paths: paths.slice(1), count: 7 };
      const other = left(await queueOf(`${folder}/run`, config, seven)());
      assertMatch(other, /^The images are not those of the training/);
    } finally {
      await served.close();
    }
  });
});
