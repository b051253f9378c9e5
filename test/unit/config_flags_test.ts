import { assert, assertEquals } from "@std/assert";
import { fields } from "../../src/config/fields.ts";
import { flagOf, flags, fromFlags, kebab, merge, readFlag } from "../../src/config/flags.ts";
import { nearest } from "../../src/config/suggest.ts";

Deno.test("every field has one flag and every flag another name", () => {
  const paths = Object.entries(fields).flatMap(([section, { decoder }]) =>
    Object.keys(decoder.fields ?? {}).map((name) => `${section}.${name}`)
  );
  assertEquals(flags.map(({ path }) => path), paths);
  assertEquals(new Set(flags.map(({ name }) => name)).size, flags.length);
});

Deno.test("no flag's short name is another field's path in kebab-case", () => {
  for (const { name, path } of flags) {
    assert(flags.every((other) => other.path === path || kebab(other.path) !== name), `--${name} is ambiguous`);
  }
});

Deno.test("flags are named by their path, common ones by a short name", () => {
  assertEquals(flagOf("method.momentum"), "method-momentum");
  assertEquals(flagOf("augment.cropScale"), "augment-crop-scale");
  assertEquals(flagOf("optimizer.milestones.1"), "milestones");
  assertEquals(flagOf("training.epochs"), "epochs");
  assertEquals(flagOf("data.name"), "data");
  assertEquals(flagOf("training"), undefined);
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
  assertEquals(fromFlags({ "training.batch": 64, "training.seed": 1 }), { training: { batch: 64, seed: 1 } });
});

Deno.test("the nearest name forgives case, separators, swaps and a third of the letters, and no more", () => {
  const names = ["epochs", "batch", "learningRate", "evaluateEvery"];
  assertEquals(nearest("epohcs", names), "epochs");
  assertEquals(nearest("learning-rate", names), "learningRate");
  assertEquals(nearest("BATCHES", names), "batch");
  assertEquals(nearest("temperature", names), undefined);
});
