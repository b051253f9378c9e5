import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defaultConfig, parseConfig } from "../../src/config/config.ts";
import type { ConfigError } from "../../src/config/errors.ts";
import type { Config } from "../../src/config/types.ts";
import { renderConfig, renderConfigErrors } from "../../src/config/render.ts";
import { warnings } from "../../src/config/rules.ts";

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
    augment: { recipe: "v3", cropScale: [1, 0.2] },
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
