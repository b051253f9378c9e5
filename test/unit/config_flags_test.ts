import { assert, assertEquals } from "@std/assert";
import type { Fields } from "../../src/core/declare.ts";
import { describeFlag } from "../../src/config/flag_help.ts";
import { flagAt, flags } from "../../src/config/flags.ts";
import { merge } from "../../src/config/paths.ts";
import { fromOptions, readFlag } from "../../src/config/read_flags.ts";
import { sections } from "../../src/config/sections.ts";
import { nearest } from "../../src/config/suggest.ts";

/** The paths of all fields of a section, those within groups too. */
function pathsOf(path: string, fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.is === "group" ? pathsOf(`${path}.${name}`, field.fields) : [`${path}.${name}`]
  );
}

Deno.test("every field has one flag and every flag another name", () => {
  const paths = Object.entries(sections).flatMap(([name, section]) =>
    "variants" in section
      ? [`${name}.name`, ...Object.values(section.variants).flatMap(({ fields }) => pathsOf(name, fields))]
      : pathsOf(name, section.fields)
  );
  assertEquals(flags.map(({ path }) => path).toSorted(), [...new Set(paths)].toSorted());
  assertEquals(new Set(flags.map(({ name }) => name)).size, flags.length);
});

Deno.test("no flag's short name is another field's path in kebab-case", () => {
  for (const { name, path } of flags) {
    assert(
      flags.every((other) => other.path === path || !other.aliases.includes(name)),
      `--${name} is ambiguous`,
    );
  }
});

Deno.test("a flag says what it means, what it belongs to, and its defaults with each choice", () => {
  const of = (name: string) => describeFlag(flags.find((flag) => flag.name === name)!);
  assertEquals(of("queue"), "keys in the queue (K); a multiple of what a step enqueues (with moco; default 4096)");
  assertEquals(of("patch"), "height and width of a patch, pixels (with vit*; default 16, 4 with vit-tiny)");
  assertEquals(
    of("temperature"),
    "T of the contrast: 0.07 in v1, 0.2 in v2 and in v3's ViTs (with moco, moco-v3, end-to-end, simclr or memory-bank; default 0.2, 1 with moco-v3, 0.2 with moco-v3 and vit*)",
  );
  assertEquals(
    of("method-momentum"),
    "m of the key encoder's moving average; small data sets want 0.99, ImageNet 0.999; with memory-bank: m of a stored " +
      "key's moving average (with moco, moco-v3 or memory-bank; default 0.99, 0.5 with memory-bank)",
  );
  assertEquals(of("jit"), "compilation of the step");
});

Deno.test("every flag that there ever was sets its field, by its short name and by its path, today's and the earlier one", () => {
  const given = (options: Readonly<Record<string, unknown>>) => fromOptions(options);
  assertEquals(given({ projectorLayers: "1" }), { method: { projector: { layers: 1 } } });
  assertEquals(given({ methodProjectorLayers: "1" }), { method: { projector: { layers: 1 } } });
  assertEquals(given({ encoderHead: "mlp", encoderDimension: "64" }), { method: { head: "mlp", dimension: 64 } });
  assertEquals(given({ head: "mlp", methodHead: "linear" }), { method: { head: "mlp" } });
  assertEquals(given({ encoderName: "resnet18" }), { encoder: { name: "resnet18" } });
  assertEquals(given({ optimizerBeta1: "0.5", shuffle: false }), {
    optimizer: { beta1: 0.5 },
    method: { shuffle: false },
  });
});

Deno.test("flags are named by their path, common ones by a short name", () => {
  assertEquals(flagAt("method.momentum"), "method-momentum");
  assertEquals(flagAt("augment.cropScale"), "augment-crop-scale");
  assertEquals(flagAt("optimizer.milestones.1"), "milestones");
  assertEquals(flagAt("training.epochs"), "epochs");
  assertEquals(flagAt("data.name"), "data");
  assertEquals(flagAt("training"), undefined);
});

Deno.test("a flag's text becomes what JSON would hold, and text of another kind stays for the parser to refuse", () => {
  assertEquals(readFlag("number", "5e-4"), 0.0005);
  assertEquals(readFlag("number", "many"), "many");
  assertEquals(readFlag("number", ""), "");
  assertEquals(readFlag("list", "120, 160"), [120, 160]);
  assertEquals(readFlag("list", "120,x"), [120, "x"]);
  assertEquals(readFlag("list", ""), []);
  assertEquals(readFlag("boolean", "true"), true);
  assertEquals(readFlag("string", "12"), "12");
});

Deno.test("merging replaces values, joins records and changes neither side", () => {
  const first = { a: { b: 1, c: [1, 2] }, d: 1 };
  const second = { a: { c: [3] }, e: 2 };
  assertEquals(merge(first, second), { a: { b: 1, c: [3] }, d: 1, e: 2 });
  assertEquals(first, { a: { b: 1, c: [1, 2] }, d: 1 });
  assertEquals(fromOptions({ batch: "64", trainingSeed: "1" }), { training: { batch: 64, seed: 1 } });
});

Deno.test("the nearest name forgives case, separators, swaps and a third of the letters, and no more", () => {
  const names = ["epochs", "batch", "learningRate", "evaluateEvery"];
  assertEquals(nearest("epohcs", names), "epochs");
  assertEquals(nearest("learning-rate", names), "learningRate");
  assertEquals(nearest("BATCHES", names), "batch");
  assertEquals(nearest("temperature", names), undefined);
});
