import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseConfig } from "../../src/config/config.ts";
import { defaultConfig } from "../../src/config/default_config.ts";
import type { ConfigError } from "../../src/config/errors.ts";
import { flagAt } from "../../src/config/flags.ts";
import type { Config } from "../../src/config/types.ts";
import { renderConfig, renderConfigErrors } from "../../src/config/render.ts";
import { warnings } from "../../src/config/warnings.ts";
import { configure } from "../../src/run/configure.ts";

function faults(input: unknown, options = {}): readonly ConfigError[] {
  const parsed = parseConfig(input, options);
  return parsed._tag === "Left" ? parsed.left : [];
}

function valid(input: unknown): Config {
  const parsed = parseConfig(input);
  if (parsed._tag === "Left") throw new Error(renderConfigErrors(parsed.left));
  return parsed.right;
}

Deno.test("an empty record is the default configuration, and a default configuration is valid", () => {
  assertEquals(valid({}), defaultConfig);
  assertEquals(valid(defaultConfig), defaultConfig);
});

Deno.test("a field that is given replaces its default and no other", () => {
  assertEquals(valid({ method: { temperature: 0.07 } }), {
    ...defaultConfig,
    method: { ...defaultConfig.method, temperature: 0.07 },
  });
});

Deno.test("every fault is reported at once: wrong types, ranges, choices, unknown fields and conflicts", () => {
  const found = faults({
    method: { momentum: 1.5, queue: 4100, momentun: 0.9 },
    encoder: 3,
    optimizer: { milestones: [3, "a"], warmupEpochs: 40 },
    augment: { recipe: "v4", cropScale: [1, 0.2] },
    data: { name: "foldr" },
    training: { batch: 10, epochs: 0, precision: "bfloat16", jit: false },
  });
  assertEquals(found.map(({ _tag, path }) => `${_tag} ${path}`), [
    "Invalid method.momentum",
    "Unknown method.momentun",
    "Invalid encoder",
    "Invalid optimizer.milestones.1",
    "Invalid augment.recipe",
    "Invalid augment.cropScale",
    "Invalid data.name",
    "Invalid training.epochs",
    "Conflict method.groups",
    "Conflict training.precision",
  ]);
});

Deno.test("a fault says what was expected and what was found", () => {
  assertEquals(faults({ training: { batch: "64" } }), [
    { _tag: "Invalid", path: "training.batch", expected: "a whole number of at least 2", found: '"64"' },
  ]);
  assertEquals(faults({ method: { temperature: 0 } })[0].expected, "a number greater than 0");
  assertEquals(faults({ method: { momentum: Number.NaN } })[0].found, "NaN");
  assertEquals(faults({ augment: { cropScale: ["a", 3] } }), [{
    _tag: "Invalid",
    path: "augment.cropScale",
    expected: "two numbers greater than 0 and at most 1 in ascending order, as [0.2, 1]",
    found: '["a",3]',
  }]);
  assertEquals(faults(null)[0].path, "");
  assertEquals(faults([])[0].found, "[]");
});

Deno.test("an unknown field or choice is refused with the nearest name", () => {
  const suggestion = (input: unknown) => faults(input)[0].suggestion;
  assertEquals(suggestion({ trainig: {} }), "training");
  assertEquals(suggestion({ training: { epoch: 3 } }), "training.epochs");
  assertEquals(suggestion({ optimizer: { learning_rate: 1 } }), "optimizer.learningRate");
  assertEquals(suggestion({ encoder: { name: "resnet-18" } }), "resnet18");
  assertEquals(suggestion({ training: { banana: 3 } }), undefined);
  // A name of Object's prototype is no field.
  assertEquals(faults(JSON.parse('{ "method": { "__proto__": 1, "constructor": 2 } }')).length, 2);
});

Deno.test("the queue is a multiple of the keys that a step enqueues, twice the batch when the loss is symmetric", () => {
  const queue = (queue: number, symmetric: boolean) =>
    faults({ method: { queue, symmetric }, training: { batch: 64 } }).map(({ path }) => path);
  assertEquals(queue(192, false), []);
  assertEquals(queue(192, true), ["method.queue"]);
  assertEquals(queue(256, true), []);
  assertEquals(queue(100, false), ["method.queue"]);
  assertStringIncludes(faults({ method: { queue: 100 }, training: { batch: 64 } })[0].found, "64 or 128");
});

Deno.test("fields that do not go together are conflicts", () => {
  const conflict = (input: unknown) => faults(input).map(({ _tag, path }) => `${_tag} ${path}`);
  assertEquals(conflict({ method: { groups: 3 } }), ["Conflict method.groups"]);
  assertEquals(conflict({ optimizer: { warmupEpochs: 5 }, training: { epochs: 5 } }), [
    "Conflict optimizer.warmupEpochs",
  ]);
  assertEquals(conflict({ optimizer: { milestones: [20, 10] } }), ["Conflict optimizer.milestones"]);
  assertEquals(conflict({ optimizer: { milestones: [20, 20] } }), ["Conflict optimizer.milestones"]);
  assertEquals(conflict({ augment: { size: 28 }, encoder: { stem: "imagenet" } }), ["Conflict augment.size"]);
  assertEquals(conflict({ training: { jit: false, precision: "bfloat16" } }), ["Conflict training.precision"]);
  assertEquals(conflict({ data: { name: "folder" } }), ["Conflict data.path"]);
  assertEquals(conflict({ augment: { blurKernel: 4 } }), ["Conflict augment.blurKernel"]);
  assertEquals(conflict({ augment: { blurKernel: 5 } }), []);
});

Deno.test("a path is asked for only where images will be read", () => {
  assertEquals(faults({ data: { name: "folder" } }, { data: false }), []);
});

Deno.test("rendered faults name the path and the flag, a line each", () => {
  assertEquals(
    renderConfigErrors(faults({ training: { batch: 1, epohcs: 3 } })),
    `Cannot use the configuration: 2 faults
  training.batch (--batch): expected a whole number of at least 2, found 1
  training.epohcs: expected no such field, found 3 (did you mean training.epochs?)`,
  );
});

Deno.test("the summary of a configuration holds every value", () => {
  const text = renderConfig(valid({ data: { path: "photos" }, augment: { cropScale: [0.3, 1] } }));
  for (
    const part of ["queue 4096", "resnet18", "learning rate 0.06", "crop scale [0.3, 1]", "path photos", "jit yes"]
  ) {
    assertStringIncludes(text, part);
  }
  assertEquals(text.split("\n").length, 6);
});

Deno.test("warnings tell what is allowed but seldom meant", () => {
  const warned = (input: unknown, images?: number) => warnings(valid(input), images).join(" ");
  assertEquals(warned({}, 60_000), "");
  assertStringIncludes(warned({ method: { groups: 1 } }), "one batch-norm group");
  assertStringIncludes(warned({}, 5000), "more than half of the 5000 images");
  assertStringIncludes(warned({ optimizer: { schedule: "step" } }), "never drops");
  assert(!warned({ method: { groups: 1, shuffle: false } }).includes("group"));
});

Deno.test("what absent fields stand for follows method and encoder, and is kept where it is given", () => {
  const v3 = { method: { name: "moco-v3" } };
  const of = (input: object) => {
    const { method, optimizer } = valid({ ...v3, ...input });
    if (method.name !== "moco-v3") throw new Error(method.name);
    const { momentumSchedule, temperature, groups, dimension, projector, predictor } = method;
    return [momentumSchedule, temperature, groups, dimension, projector, predictor, optimizer.schedulePer];
  };
  const head = { layers: 2, hidden: 4096, lastNorm: true };
  const { method, optimizer } = valid({});
  assertEquals(
    method.name === "moco" && [method.momentumSchedule, method.temperature, method.groups, method.dimension],
    [
      ...["constant", 0.2, 4, 128],
    ],
  );
  assertEquals(optimizer.schedulePer, "epoch");
  assertEquals(of({}), ["cosine", 1, 1, 256, head, { ...head, lastNorm: false }, "iteration"]);
  assertEquals(of({ encoder: { name: "vit-tiny" } }), [
    ...["cosine", 0.2, 1, 256],
    ...[{ ...head, layers: 3 }, head, "iteration"],
  ]);
  const given = {
    method: { name: "moco-v3", temperature: 0.5, projector: { layers: 1 } },
    encoder: { name: "vit-small", patch: 7 },
  };
  assertEquals(of(given).slice(1, 5), [0.5, 1, 256, { ...head, layers: 1 }]);
  const patch = (encoder: object, size: number) => {
    const parsed = valid({ encoder, augment: { size } }).encoder;
    return "patch" in parsed && parsed.patch;
  };
  assertEquals([patch({ name: "vit-tiny" }, 28), patch({ name: "vit-base" }, 32)], [4, 16]);
  assertEquals(patch({ name: "vit-small", patch: 7 }, 28), 7);
});

Deno.test("a field of another choice is a fault that names both, each of them, and one with its default says nothing", () => {
  const found = faults({
    method: { name: "moco-v3", queue: 8192, symmetric: true, shuffle: false, head: "linear" },
    encoder: { name: "vit-small", width: 1, zeroInitResidual: true, channels: 12, patch: 4 },
    optimizer: { name: "adamw", momentum: 0.5, trust: 0.1 },
  });
  assertEquals(found.map(({ _tag, path }) => `${_tag} ${path}`), [
    ...["method.queue", "method.symmetric", "method.shuffle", "method.head"].map((path) => `Foreign ${path}`),
    ...["encoder.width", "encoder.zeroInitResidual", "encoder.channels"].map((path) => `Foreign ${path}`),
    ...["optimizer.momentum", "optimizer.trust"].map((path) => `Foreign ${path}`),
  ]);
  assertEquals([found[0].expected, found[0].found], ["moco", "moco-v3"]);
  assertStringIncludes(
    renderConfigErrors(found),
    "\n  method.queue (--queue) belongs to moco; this method is moco-v3\n",
  );
  assertEquals(
    faults({ encoder: { patch: 8 }, method: { projector: { layers: 3 } }, optimizer: { beta1: 0.5 } }).length,
    3,
  );
  assertEquals(faults({ method: { name: "moco-v3", queue: 4096, shuffle: true }, optimizer: { beta1: 0.9 } }), []);
});

Deno.test("a name that is wrong is the only fault of the fields that hang on it", () => {
  const found = faults({ method: { name: "moco-3", groups: 3 }, encoder: { name: "vit-tiny", patch: 5 } });
  assertEquals(found.map(({ path }) => path), ["method.name", "method.groups", "augment.size"]);
  assertEquals(faults({ encoder: { name: "vit-tyni", patch: 4 } }).map(({ path }) => path), ["encoder.name"]);
});

Deno.test("rules over the queue do not hold for a method without one, and a batch is still split evenly", () => {
  assertEquals(faults({ method: { name: "moco-v3" }, training: { batch: 100 } }), []);
  assertEquals(faults({ method: { name: "moco-v3", groups: 3 } }).map(({ path }) => path), ["method.groups"]);
  assertEquals(warnings(valid({ method: { name: "moco-v3" } }), 1000), []);
});

Deno.test("each mechanism reads its own fields: what the others have is a conflict", () => {
  const all = {
    queue: 8192,
    negatives: 99,
    momentum: 0.7,
    momentumSchedule: "cosine",
    symmetric: true,
    shuffle: false,
  };
  const unread = (name: string) =>
    faults({ method: { name, ...all } }).map(({ path }) => path.replace("method.", "")).join(" ");
  assertEquals(unread("moco"), "negatives");
  assertEquals(unread("end-to-end"), "queue negatives momentum momentumSchedule symmetric");
  assertEquals(unread("simclr"), "queue negatives momentum momentumSchedule symmetric shuffle");
  assertEquals(unread("memory-bank"), "queue momentumSchedule symmetric shuffle");
  const bank = valid({ method: { name: "memory-bank" } }).method;
  const simclr = valid({ method: { name: "simclr", head: "linear" } }).method;
  assertEquals(bank.name === "memory-bank" && [bank.momentum, bank.groups], [0.5, 4]);
  assertEquals(simclr.name === "simclr" && [simclr.groups, simclr.head], [1, "linear"]);
  const [warning, ...more] = warnings(valid({ method: { name: "memory-bank" } }), 4095);
  assertStringIncludes(warning, "method.negatives (4096) are more than the 4095 images");
  assertEquals([...more, ...warnings(valid({ method: { name: "memory-bank" } }), 4096)], []);
});

Deno.test("few labels in few epochs are warned of", () => {
  const labels = (epochs: number) => valid({ method: { name: "supervised" }, training: { epochs } });
  const [warning, ...more] = warnings(labels(60), 500);
  assertStringIncludes(warning, "training.epochs (60) pass over 500 images: 30000 in all");
  assertStringIncludes(warning, "such as 400");
  assertEquals([...more, ...warnings(labels(200), 500), ...warnings(labels(60))], []);
});

Deno.test("the grid of the features fits the last map of the images of evaluation", () => {
  const conflict = (encoder: object, augment: object = { size: 28 }) =>
    faults({ encoder, augment }).map(({ path, expected }) => `${path}: ${expected}`);
  assertEquals(conflict({ evaluationGrid: 4 }), []);
  const found = (most: number, size: number) => [
    `encoder.evaluationGrid: at most ${most}, the height and width of the last map of images of ${size} pixels`,
  ];
  assertEquals(conflict({ evaluationGrid: 5 }), found(4, 28));
  assertEquals(conflict({ evaluationGrid: 4 }, { size: 20 }), found(3, 20));
  assertEquals(conflict({ evaluationGrid: 4 }, { size: 20, evaluationSize: 28 }), []);
  assertEquals(conflict({ evaluationGrid: 3, stemStride: 2 }), found(2, 28));
  assertEquals(conflict({ evaluationGrid: 3, stem: "imagenet" }, { size: 64 }), found(2, 64));
});

Deno.test("encoder.recompute belongs to ViTs, and its flag is --recompute", () => {
  const recompute = (given: object) => {
    const { encoder } = valid({ encoder: { name: "vit-tiny", ...given } });
    return "recompute" in encoder && encoder.recompute;
  };
  assertEquals([recompute({}), recompute({ recompute: true })], [false, true]);
  assertEquals(faults({ encoder: { recompute: true } }).map(({ path }) => path), ["encoder.recompute"]);
  assertEquals(faults({ encoder: { name: "vit-tiny", recompute: 1 } }).map(({ path }) => path), ["encoder.recompute"]);
  assertEquals(flagAt("encoder.recompute"), "recompute");
});

Deno.test("a ViT's image, patches, channels, heads and stem go together", () => {
  const conflict = (encoder: unknown, augment: unknown = { size: 28 }) =>
    faults({ encoder: { name: "vit-tiny", ...encoder as object }, augment }).map(({ path }) => path);
  assertEquals(conflict({}), []);
  assertEquals(conflict({ patch: 8 }), ["augment.size"]);
  assertStringIncludes(faults({ encoder: { name: "vit-tiny", patch: 8 } })[0].found, "24 or 32 would do");
  assertEquals(conflict({}, { size: 28, evaluationSize: 32 }), ["augment.evaluationSize"]);
  assertEquals(conflict({}, { size: 28, evaluationSize: 28 }), []);
  assertEquals(conflict({ position: "none" }, { size: 28, evaluationSize: 32 }), []);
  assertEquals(conflict({ position: "none" }, { size: 28, evaluationSize: 30 }), ["augment.evaluationSize"]);
  assertEquals(conflict({ heads: 5 }), ["encoder.channels"]);
  assertEquals(conflict({ channels: 90 }), ["encoder.channels"]);
  assertEquals(conflict({ channels: 90, position: "learned" }), []);
  assertEquals(conflict({ patch: 7, patchStem: "conv" }), ["encoder.patch"]);
  assertEquals(conflict({ patch: 1, patchStem: "conv" }), ["encoder.patch"]);
  assertEquals(conflict({ patchStem: "conv" }), []);
  assertEquals(conflict({ patchStem: "conv", depth: 1 }), ["encoder.depth"]);
  assertEquals(conflict({ patchStem: "conv", channels: 9, position: "none" }), ["encoder.channels"]);
});

Deno.test("a memory bank's momentum is below 1, where that of a key encoder may be 1", () => {
  const momentum = (name: string) => faults({ method: { name, momentum: 1 } });
  assertEquals(momentum("moco"), []);
  assertEquals(momentum("memory-bank").map(({ path, expected }) => [path, expected]), [
    ["method.momentum", "a number of at least 0 and below 1"],
  ]);
});

Deno.test("a configuration holds what its choices have and nothing else, and parsed again it is the same", () => {
  const inputs = [
    { method: { name: "moco-v3" }, encoder: { name: "vit-tiny", pool: "mean" }, optimizer: { name: "adamw" } },
    { method: { name: "moco-v3", temperature: 0.3 }, optimizer: { name: "lars", clipNorm: 2 } },
    { method: { head: "linear" } },
    { data: { name: "folder", path: "photos", onUnreadable: "stop" } },
  ];
  for (const input of inputs) assertEquals(valid(JSON.parse(JSON.stringify(valid(input)))), valid(input));
  const { method, encoder } = valid(inputs[0]);
  assertEquals(Object.keys(method), [
    ...["name", "momentum", "momentumSchedule", "dimension", "temperature", "groups", "projector", "predictor"],
  ]);
  assertEquals(["width", "head", "patch", "channels"].map((name) => name in encoder), [false, false, true, true]);
  assertEquals("projector" in valid({}).method, false);
  const text = renderConfig(valid(inputs[0]));
  for (const part of ["moco-v3", "pool mean", "Projector     layers 3", "beta1 0.9"]) assertStringIncludes(text, part);
  for (const part of ["queue", "width", "trust"]) assert(!text.includes(part), part);
});

Deno.test("a configuration too large for a file is refused as a value too, whatever it contains", async () => {
  const keys = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, 1]));
  const itself: Record<string, unknown> = { epochs: 1 };
  itself.training = itself;
  for (const input of [keys, { training: keys }, { data: { path: "x".repeat(70_000) } }, itself]) {
    const [fault, ...others] = faults(input);
    assertEquals([fault.path, fault.expected, others], ["", "a configuration of at most 65,536 characters", []]);
    assertEquals((await configure(input, { preset: "demo" })())._tag, "Left");
  }
  assertEquals(faults({ data: { name: "folder", path: "x".repeat(60_000) } }), []);
});
