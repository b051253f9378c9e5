import { assertEquals } from "@std/assert";
import { recipeNumbers } from "../../src/augment/recipe.ts";
import { buildMethod, viewShape } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import { key } from "../../src/core/random.ts";
import { dispose } from "../../src/core/scope.ts";
import { presets } from "../../src/config/presets.ts";
import type { Config } from "../../src/config/types.ts";
import { renderConfigErrors } from "../../src/config/render.ts";

function config(name: string): Config {
  const parsed = parseConfig(presets[name].config, { data: false });
  if (parsed._tag === "Left") throw new Error(`${name}: ${renderConfigErrors(parsed.left)}`);
  return parsed.right;
}

Deno.test("every preset is valid but for the path of its data", () => {
  for (const name of Object.keys(presets)) config(name);
});

Deno.test("the presets v1 and v2 hold the papers' numbers", () => {
  const v1 = config("v1");
  assertEquals(v1.method, {
    name: "moco",
    queue: 65536,
    momentum: 0.999,
    momentumSchedule: "constant",
    head: "linear",
    dimension: 128,
    temperature: 0.07,
    symmetric: false,
    shuffle: true,
    groups: 8,
  });
  const { optimizer } = v1;
  assertEquals(
    optimizer.name === "sgd" && [optimizer.learningRate, optimizer.weightDecay, optimizer.momentum],
    [0.03, 1e-4, 0.9],
  );
  assertEquals([v1.optimizer.schedule, v1.optimizer.milestones], ["step", [120, 160]]);
  assertEquals([v1.training.epochs, v1.training.batch, v1.augment.recipe], [200, 256, "v1"]);
  const v2 = config("v2");
  assertEquals({ ...v2.method, head: "linear", temperature: 0.07 }, v1.method);
  assertEquals(v2.method.name === "moco" && [v2.method.head, v2.method.temperature], ["mlp", 0.2]);
  assertEquals(v2.optimizer.schedule, "cosine");
  assertEquals([v2.augment.recipe, v2.augment.size], ["v2", 224]);
});

Deno.test("the presets for CIFAR-10 hold the numbers of the authors' demo", () => {
  for (const [name, symmetric] of [["cifar10", false], ["cifar10-symmetric", true]] as const) {
    const { method, optimizer, augment, training } = config(name);
    assertEquals(
      method.name === "moco" && [method.queue, method.momentum, method.temperature, method.groups, method.symmetric],
      [4096, 0.99, 0.1, 8, symmetric],
    );
    assertEquals([optimizer.learningRate, training.epochs, training.batch], [0.06, 200, 512]);
    assertEquals(recipeNumbers(augment).cropScale, [0.08, 1]);
    assertEquals([augment.mean, augment.std], [[0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.201]]);
    assertEquals([augment.size, augment.blurProbability], [32, 0]);
  }
});

/**
 * What the paper says of each of its trainings (arXiv:2104.02057, sections 4.1 and 5), and the decay that the authors'
 * commands have.
 */
const published = {
  "v3-resnet50-100": { encoder: "resnet50", epochs: 100, momentum: 0.99, rate: 0.6, decay: 1e-6 },
  "v3-resnet50-300": { encoder: "resnet50", epochs: 300, momentum: 0.99, rate: 0.3, decay: 1e-6 },
  "v3-resnet50-1000": { encoder: "resnet50", epochs: 1000, momentum: 0.996, rate: 0.3, decay: 1.5e-6 },
  "v3-vit-small": { encoder: "vit-small", epochs: 300, momentum: 0.99, rate: 1.5e-4, decay: 0.1 },
  "v3-vit-base": { encoder: "vit-base", epochs: 300, momentum: 0.99, rate: 1.5e-4, decay: 0.1 },
} as const;

for (const [name, paper] of Object.entries(published)) {
  Deno.test(`the preset ${name} holds the paper's numbers`, () => {
    const { method, encoder, optimizer, augment, training } = config(name);
    const isVit = paper.encoder !== "resnet50";
    if (method.name !== "moco-v3") throw new Error(`expected moco-v3, found ${method.name}`);
    const { projector, predictor } = method;
    assertEquals(
      [method.name, method.momentum, method.momentumSchedule, method.temperature, method.groups],
      ["moco-v3", paper.momentum, "cosine", isVit ? 0.2 : 1, 1],
    );
    assertEquals([encoder.name, method.dimension], [paper.encoder, 256]);
    assertEquals(
      "patch" in encoder
        ? [encoder.patch, encoder.patchStem, encoder.position, encoder.pool]
        : [encoder.width, encoder.stem, encoder.zeroInitResidual],
      isVit ? [16, "frozen", "sin-cos", "class"] : [1, "imagenet", true],
    );
    assertEquals(projector, { layers: isVit ? 3 : 2, hidden: 4096, lastNorm: true });
    assertEquals(predictor, { layers: 2, hidden: 4096, lastNorm: isVit });
    assertEquals(
      [optimizer.name, optimizer.learningRate, optimizer.scaleByBatch, optimizer.weightDecay, optimizer.warmupEpochs],
      isVit ? ["adamw", paper.rate, true, paper.decay, 40] : ["lars", paper.rate, true, paper.decay, 10],
    );
    assertEquals(
      optimizer.name === "adamw"
        ? [optimizer.beta1, optimizer.beta2, optimizer.epsilon]
        : optimizer.name === "lars" && [optimizer.momentum, optimizer.trust],
      isVit ? [0.9, 0.999, 1e-8] : [0.9, 0.001],
    );
    assertEquals([optimizer.schedule, optimizer.schedulePer], ["cosine", "iteration"]);
    assertEquals([optimizer.accumulate, optimizer.clipNorm], [1, undefined]);
    assertEquals([augment.recipe, augment.size, training.epochs, training.batch], ["v3", 224, paper.epochs, 4096]);
    const numbers = ([1, 2] as const).map((view) => recipeNumbers({ ...augment, view }));
    assertEquals(numbers.map(({ cropScale }) => cropScale[0]), isVit ? [0.08, 0.08] : [0.2, 0.2]);
    assertEquals(numbers.map(({ blurProbability }) => blurProbability), [1, 0.1]);
    assertEquals(numbers.map(({ solarizeProbability }) => solarizeProbability), [0, 0.2]);
  });
}

Deno.test("the presets of the mechanisms differ from fashion-v2 in the method alone, and give it as many negatives", () => {
  const { method: moco, ...rest } = config("fashion-v2");
  if (moco.name !== "moco") throw new Error(moco.name);
  for (const name of ["end-to-end", "simclr", "memory-bank"]) {
    const { method, ...others } = config(name);
    assertEquals(others, rest);
    assertEquals(method.name, name);
    const { temperature, dimension, head } = moco;
    assertEquals("head" in method && [method.temperature, method.dimension, method.head], [
      temperature,
      dimension,
      head,
    ]);
  }
  const [bank, endToEnd] = [config("memory-bank").method, config("end-to-end").method];
  assertEquals(bank.name === "memory-bank" && [bank.negatives, bank.momentum], [moco.queue, 0.5]);
  assertEquals(endToEnd.name === "end-to-end" && [endToEnd.shuffle, endToEnd.groups], [true, moco.groups]);
});

Deno.test("every preset builds, and the small ones make a state", () => {
  for (const name of Object.keys(presets)) {
    const parsed = config(name);
    const { init } = buildMethod(parsed, viewShape(parsed, 1), 10, 300);
    if (parsed.data.name === "fashion-mnist") dispose(init(key(0)));
  }
});
