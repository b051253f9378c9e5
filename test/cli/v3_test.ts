/**
 * MoCo v3 by the real program, with a ResNet and LARS, and with a ViT and AdamW: pretrain, resume, evaluate, inspect,
 * step.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encode } from "../../src/files/safetensors.ts";
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

const cases = [
  {
    name: "MoCo v3, ResNet-18",
    choices: {
      encoder: { name: "resnet18", width: 0.0625, zeroInitResidual: true },
      optimizer: { name: "lars", learningRate: 1, trust: 0.05, warmupEpochs: 1, clipNorm: 3, scaleByBatch: true },
    },
    features: 32,
    tensors: ["query.params.projector.3.weight", "predictor.params.3.weight", "optimizer.velocity.predictor.0.weight"],
  },
  {
    name: "MoCo v3, ViT-tiny",
    choices: {
      encoder: { name: "vit-tiny", patch: 4, channels: 12, depth: 2, heads: 3 },
      optimizer: { name: "adamw", learningRate: 0.01, weightDecay: 0.1, accumulate: 2 },
    },
    features: 12,
    // The frozen projection is there, among what is not trained.
    tensors: [
      "query.buffers.backbone.patch_embed.proj.weight",
      "key.params.projector.6.weight",
      "optimizer.inner.count",
    ],
  },
] as const;

/** Few and small steps, which do not repay compiling. */
function tiny({ encoder, optimizer }: typeof cases[number]["choices"], batch: number) {
  return {
    method: { name: "moco-v3", dimension: 8, projector: { hidden: 16 }, predictor: { hidden: 16 } },
    encoder,
    optimizer,
    augment: { recipe: "v3", size: 8 },
    training: { batch, epochs: 2, seed: 5, jit: false, logEvery: 1, evaluateEvery: 1, evaluateSteps: 2 },
  };
}

for (const { name, choices, features, tensors } of cases) {
  Deno.test(`${name}: pretrain, resume bit for bit, evaluate, inspect`, () =>
    inFolder(async (folder) => {
      const [data, run, file] = [await makeData(folder), `${folder}/run`, `${folder}/c.json`];
      const config = { ...tiny(choices, 16), data: { name: "idx", path: data } };
      await Deno.writeTextFile(file, JSON.stringify(config));
      const said = await succeeds("pretrain", "--config", file, "--out", run);
      assertStringIncludes(said, "knn: ");
      const last = `${run}/checkpoints/step-00000004.safetensors`;
      const log = async () =>
        parseMetrics(await Deno.readTextFile(`${run}/metrics.jsonl`)).map((record) => ({
          ...record,
          imagesPerSecond: undefined,
        }));
      const [whole, records] = [await tensorsIn(last), await log()];
      assertEquals(records.map(({ step, evaluation }) => `${step}${evaluation ? " kNN" : ""}`), [
        ...["1", "2", "2 kNN", "3", "4", "4 kNN"],
      ]);
      const { metrics } = records[0];
      assert(Object.keys(metrics!).some((metric) => metric.startsWith("gradientNorm.backbone.")), "no layer's norm");

      await Deno.remove(last);
      await succeeds("pretrain", "--resume", "--out", run);
      assertEquals(await tensorsIn(last), whole);
      assertEquals(await log(), records);

      const { results } = JSON.parse(await succeeds("evaluate", "--run", run, "--json", "--linear-epochs", "2"));
      assertEquals(
        results.map((result: { features: string; dimension: number }) => [result.features, result.dimension]),
        [
          ["MoCo v3", features],
        ],
      );
      const isVit = name.endsWith("ViT-tiny");
      const inspected = JSON.parse(await succeeds("inspect", run, "--json"));
      assertEquals(inspected.metadata.config.method, {
        ...{ name: "moco-v3", momentum: 0.99, momentumSchedule: "cosine", dimension: 8, groups: 1 },
        temperature: isVit ? 0.2 : 1,
        projector: { layers: isVit ? 3 : 2, hidden: 16, lastNorm: true },
        predictor: { layers: 2, hidden: 16, lastNorm: isVit },
      });
      const names: readonly string[] = inspected.tensors.map((tensor: { name: string }) => tensor.name);
      for (const tensor of tensors) assert(names.includes(tensor), `${tensor} is not in the checkpoint`);
      assert(!names.some((tensor) => tensor.startsWith("queue")), "a queue");
    }));

  Deno.test(`${name}: step gives the library's losses and state, byte for byte`, () =>
    inFolder(async (folder) => {
      const raw = tiny(choices, 4);
      const views = [0, 1, 2].flatMap((step) => [
        storedView(`${step}.query`, step),
        storedView(`${step}.key`, step + 10),
      ]);
      await Deno.writeTextFile(`${folder}/c.json`, JSON.stringify(raw));
      await Deno.writeFile(`${folder}/views.safetensors`, encode(views));
      const out = `${folder}/out.safetensors`;
      const said = await succeeds(
        ...["step", "--config", `${folder}/c.json`, "--steps-per-epoch", "2"],
        ...["--batches", `${folder}/views.safetensors`, "--out", out],
      );
      const lines = said.trim().split("\n").map((line) => JSON.parse(line));

      const method = buildMethod(right(parseConfig(raw)), [8, 8, 1], 2);
      let state = method.init(key(5));
      const losses = [0, 1, 2].map((at) => {
        const [query, view] = views.slice(2 * at, 2 * at + 2).map((stored) => tf.tensor(floats(stored), [4, 8, 8, 1]));
        const next = method.step(state, { query, key: view });
        dispose(state);
        state = next.state;
        return next.metrics.loss.dataSync()[0];
      });
      assertEquals(lines.map(({ step, loss }) => [step, loss]), losses.map((loss, at) => [at + 1, loss]));
      const settings = right(parseConfig(raw)).method;
      const temperature = "temperature" in settings ? settings.temperature : NaN;
      assert(lines.every(({ chance }) => Math.abs(chance - 4 * temperature * Math.log(4)) < 1e-6));
      assertEquals(
        await tensorsIn(out),
        Object.fromEntries(entries(state).map(([path, leaf]) => [path, readBytes(leaf)])),
      );
    }));
}

Deno.test("a preset with another encoder drops what belonged to its own; what the user sets for it is refused", async () => {
  const args = [
    "step",
    "--preset",
    "v3-resnet",
    "--encoder",
    "vit-tiny",
    "--batches",
    "never-read",
    "--out",
    "never-made",
  ];
  const ran = await moco(...args, "--size", "28", "--width", "0.5");
  assertEquals(ran.code, 2);
  assertEquals(
    ran.stderr,
    `error: Cannot use the configuration: 1 fault
  encoder.width (--width) belongs to resnet18 or resnet34 or resnet50; this encoder is vit-tiny
`,
  );
});
