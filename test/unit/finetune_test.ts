import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { shareOfEachClass } from "../../src/data/label_share.ts";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { digestOf } from "../../src/data/data_digest.ts";
import { evaluate } from "../../src/run/evaluate.ts";
import { evaluatedJson, renderEvaluated } from "../../src/run/evaluated_text.ts";
import { finetune, type Finetuned, type FinetuneRequest } from "../../src/run/finetune.ts";
import { train } from "../../src/run/train.ts";
import { dispose } from "../../src/core/scope.ts";
import { left, right } from "../support/either.ts";
import { storeEncoder } from "../support/stored_encoder.ts";
import { writeTwoClasses } from "../support/two_classes.ts";

const resnet = { encoder: { name: "resnet18", width: 0.0625 }, method: { queue: 8, groups: 1 } } as const;
const transformer = {
  encoder: { name: "vit-tiny", channels: 12, depth: 2, heads: 3, patch: 4, patchStem: "frozen" },
  method: { name: "moco-v3", groups: 1, dimension: 8, projector: { hidden: 8 }, predictor: { hidden: 8 } },
  optimizer: { name: "adamw" },
} as const;

/** A folder with images and a run that was pretrained on them. */
async function withRun(
  fields: PartialConfig,
  f: (
    folder: string,
    tuned: (request: FinetuneRequest) => Promise<Finetuned>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = await writeTwoClasses(folder);
    const data = { name: "idx", path, ...fields.data } as const;
    const trained = await train({
      ...{ ...fields, data, augment: { size: 8 }, out: `${folder}/run` },
      training: { batch: 8, epochs: 1, seed: 1, jit: false },
    })();
    dispose(right(trained).outcome.state);
    await f(folder, async ({ out, ...request }) => right(await finetune({ ...request, out: `${folder}/${out}` })()));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("of images that take the place of the run's own, nothing is left out that was left out of those", () =>
  withRun({ ...resnet, data: { limit: 16 } }, async (folder, tuned) => {
    const data = { path: await writeTwoClasses(`${folder}/others`) };
    const from = { run: `${folder}/run` };
    const { trained, scores } = await tuned({ from, data, out: "tuned", training: { ...training, epochs: 1 } });
    assertEquals([trained, scores?.count], [32, 8]);
    const { images } = right(await evaluate({ ...from, data, linear: false })());
    assertEquals([images.train.count, images.test.count], [32, 8]);
    const own = right(await evaluate({ ...from, linear: false })());
    assertEquals([own.images.train.count, own.images.test.count], [14, 2]);
  }));

Deno.test("an evaluation of a run that learned from labels has the accuracy of its own classifier", () =>
  withRun(resnet, async (folder, tuned) => {
    const { scores } = await tuned({
      from: { run: `${folder}/run` },
      out: "tuned",
      training: { ...training, epochs: 1 },
    });
    const measured = right(await evaluate({ run: `${folder}/tuned`, linear: false })());
    assertEquals(measured.classifier, scores);
    assertEquals(JSON.parse(evaluatedJson(measured)).classifier.top1, scores?.top1);
    assertStringIncludes(renderEvaluated(measured, false), "Its own classifier: top-1 ");
    assertEquals(right(await evaluate({ run: `${folder}/run`, linear: false })()).classifier, undefined);
  }));

Deno.test("images of other channels than the encoder's are converted for its evaluation", async () => {
  const folder = await Deno.makeTempDir();
  const run = `${folder}/encoder.safetensors`;
  await storeEncoder(run, { channels: 3 });
  const data = { name: "idx", path: await writeTwoClasses(folder) } as const;
  const { images, results } = right(await evaluate({ run, data, linear: false })());
  assertEquals([images.train.channels, images.test.channels, results[0].knn.count], [3, 3, 8]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what is trained with labels leaves the images for tests that its evaluation holds out", () =>
  withRun({ ...resnet, method: { name: "supervised" } }, async (folder) => {
    const { images, results } = right(await evaluate({ run: `${folder}/run`, linear: false })());
    const { data } = right(await loadCheckpoint(`${folder}/run/checkpoints/step-00000004.safetensors`)());
    assertEquals([images.train.count, data?.images, data?.digest], [32, 32, digestOf(images.train).digest]);
    assertEquals(results[0].knn.count, 8);
  }));

const tensorsOf = async (path: string) =>
  new Map(right(await loadCheckpoint(path)()).tensors.map(({ name, data }) => [name, data.toHex()]));

const training = { batch: 8, epochs: 6, keep: 9 } as const;

Deno.test("fine-tuning begins with the run's encoder, learns the classes, and leaves the run as it was", () =>
  withRun(resnet, async (folder, tuned) => {
    const from = { run: `${folder}/run` };
    const { config, scores, step, checkpoint, trained } = await tuned({ from, out: "tuned", training });
    assertEquals([step, trained, scores?.count], [24, 32, 8]); // every fifth image of each class is held out
    assertEquals(scores?.top1, 1);
    assertEquals(config.method.name === "supervised" && config.method.classes, 2);
    const { optimizer, augment, encoder } = config;
    assertEquals([optimizer.name, optimizer.learningRate, optimizer.weightDecay], ["sgd", 0.05, 0]);
    assertEquals(optimizer.name === "sgd" && optimizer.nesterov, true);
    assertEquals([augment.recipe, augment.size], ["supervised", 8]);
    assertEquals("width" in encoder && encoder.width, 0.0625);

    const [before, begun, after] = await Promise.all([
      tensorsOf(`${folder}/run/checkpoints/step-00000005.safetensors`),
      tensorsOf(`${folder}/tuned/checkpoints/step-00000000.safetensors`),
      tensorsOf(checkpoint),
    ]);
    const names = [...before.keys()].filter((name) => /^query\.\w+\.backbone\./.test(name));
    assert(names.length > 50);
    for (const name of names) assertEquals(begun.get(name), before.get(name), name);
    for (const name of names) assert(after.get(name) !== before.get(name), `${name} was not trained`);
  }));

Deno.test("from random weights the same training begins elsewhere", () =>
  withRun(resnet, async (folder, tuned) => {
    const from = { run: `${folder}/run` };
    const once = { ...training, epochs: 1 };
    const { config } = await tuned({ from, out: "tuned", training: once });
    const other = await tuned({ from, out: "random", randomWeights: true, training: { ...once, init: from.run } });
    const { init, ...rest } = config.training;
    assertEquals(other.config, { ...config, training: rest });
    assertStringIncludes(init ?? "", "/run/checkpoints/step-00000005.safetensors");
    const [mine, theirs] = await Promise.all(
      ["tuned", "random"].map((name) => tensorsOf(`${folder}/${name}/checkpoints/step-00000000.safetensors`)),
    );
    const name = "query.params.backbone.conv1.weight";
    assert(mine.get(name) !== theirs.get(name));
    assertEquals(mine.get("random"), theirs.get("random"));
  }));

Deno.test("fine-tuning that was interrupted goes on bit for bit", () =>
  withRun(resnet, async (folder, tuned) => {
    const from = { run: `${folder}/run` };
    const regularised = { name: "supervised", mixup: 0.8, labelSmoothing: 0.1 } as const;
    const whole = await tuned({ from, out: "whole", method: regularised, training });
    let steps = 0;
    const interrupt = () => ({ requested: () => ++steps === 10, close: () => {} });
    const stopped = await tuned({ from, out: "parts", method: regularised, training, interrupt });
    assertEquals([stopped._tag, stopped.step, stopped.scores], ["Interrupted", 10, undefined]);
    const resumed = await tuned({ resume: true, out: "parts" });
    assertEquals([resumed._tag, resumed.step], ["Finished", 24]);
    assertEquals(await tensorsOf(resumed.checkpoint), await tensorsOf(whole.checkpoint));
    assertEquals(resumed.scores, whole.scores);
  }));

Deno.test("of a vision transformer what was frozen is trained, by the published recipe with a decay of the rate by layer", () =>
  withRun(transformer, async (folder, tuned) => {
    const from = { run: `${folder}/run` };
    const { config, checkpoint } = await tuned({ from, out: "tuned", training: { ...training, epochs: 1 } });
    assertEquals("patchStem" in config.encoder && config.encoder.patchStem, "learned");
    const { method, optimizer } = config;
    assertEquals(method.name === "supervised" && [method.layerDecay, method.labelSmoothing], [0.75, 0.1]);
    assertEquals([optimizer.name, optimizer.warmupEpochs], ["adamw", 0.05]);
    const before = await tensorsOf(`${folder}/run/checkpoints/step-00000005.safetensors`);
    const begun = await tensorsOf(`${folder}/tuned/checkpoints/step-00000000.safetensors`);
    const [frozen, learned] = ["buffers", "params"].map((part) => `query.${part}.backbone.patch_embed.proj.weight`);
    assert(begun.has(learned));
    assertEquals(begun.get(learned), before.get(frozen));
    assert((await tensorsOf(checkpoint)).get(learned) !== begun.get(learned));
  }));

Deno.test("what cannot be fine-tuned is refused by one message", () =>
  withRun(resnet, async (folder) => {
    const from = { run: `${folder}/run` };
    const refused = async (request: PartialConfig) =>
      renderRunError(left(await finetune({ from, out: `${folder}/out`, ...request })()));
    assertStringIncludes(
      await refused({ method: { name: "supervised", layerDecay: 0.5 } }),
      '(--layer-decay): expected 1 with encoder.name "resnet18"',
    );
    assertStringIncludes(await refused({ method: { name: "moco" } }), '(--method): expected "supervised"');
    assertStringIncludes(await refused({ method: { name: "supervised", classes: 1 } }), "a whole number in [2, 65536]");
    await Deno.writeFile(
      `${folder}/train-labels-idx1-ubyte`,
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 40, ...new Uint8Array(40)),
    );
    assertStringIncludes(await refused({}), "at least 2 classes");
    await Deno.remove(`${folder}/train-labels-idx1-ubyte`);
    assertStringIncludes(await refused({}), "expected labelled images");
  }));

Deno.test("a share of the labels has as many of each class, at least one, and grows with the share", () => {
  const labels = Array.from({ length: 1000 }, (_, image) => image % 3 === 0 ? 0 : image % 50 === 1 ? 2 : 1);
  const counts = (rows: readonly number[]) =>
    [0, 1, 2].map((label) => rows.filter((row) => labels[row] === label).length);
  const sizes = counts(labels.map((_, row) => row));
  for (const share of [0.01, 0.1, 0.5, 1]) {
    const rows = shareOfEachClass(labels, share, 3);
    assertEquals(counts(rows), sizes.map((size) => Math.max(1, Math.round(share * size))));
    assertEquals(new Set(rows).size, rows.length);
    assertEquals(rows, rows.toSorted((a, b) => a - b));
    assertEquals(shareOfEachClass(labels, share, 3), rows);
  }
  const [few, many] = [0.01, 0.1].map((share) => shareOfEachClass(labels, share, 3));
  assert(few.every((row) => many.includes(row)));
  assert(shareOfEachClass(labels, 0.1, 4).join() !== many.join());
});
