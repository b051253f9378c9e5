import { assert, assertEquals } from "@std/assert";
import { flags } from "../../src/config/flags.ts";
import { presets } from "../../src/config/presets.ts";
import { jsonSchema } from "../../src/config/schema.ts";
import { sections } from "../../src/config/sections.ts";
import type { Fields, Variant } from "../../src/core/declare.ts";
import { recordSchema } from "../../src/core/schema.ts";
import { methods } from "../../src/methods/table.ts";
import { z } from "../../src/dependencies/zod.ts";

type Node = {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly oneOf?: readonly Node[];
};

/** Every place of a schema that a path leads to, in one variant or several. */
function at(node: Node, [first, ...rest]: readonly string[]): readonly Node[] {
  if (first === undefined) return [node];
  return [node, ...node.oneOf ?? []].flatMap(({ properties = {} }) =>
    Object.hasOwn(properties, first) ? at(properties[first], rest) : []
  );
}

Deno.test("the JSON Schema has every field, in each choice that it belongs to, with what it means", () => {
  for (const { path, owners, about } of flags) {
    const found = at(jsonSchema() as Node, path.split("."));
    if (path.endsWith(".name")) continue;
    assert(found.length >= (owners?.length ?? 1), path);
    assert(found.every(({ description }) => about.some(({ value }) => value === description)), path);
  }
});

Deno.test("a file that the JSON Schema takes is one that the parser takes, name by name", () => {
  const schema = z.fromJSONSchema(jsonSchema());
  const takes = (value: unknown) => schema.safeParse(value).success;
  for (const [name, { config }] of Object.entries(presets)) assert(takes(JSON.parse(JSON.stringify(config))), name);
  assertEquals([{}, { $schema: "moco.schema.json" }, { method: { groups: 2 } }].map(takes), [true, true, true]);
  assertEquals(
    [
      { method: { name: "simclr", queue: 64 } },
      { method: { name: "moco", projector: { layers: 2 } } },
      { encoder: { name: "vit-tiny", width: 1 } },
      { optimizer: { name: "sgd", beta1: 0.9 } },
      { method: { momentum: 2 } },
      { trainig: {} },
    ].map(takes),
    Array(6).fill(false),
  );
});

Deno.test("every default is a value that its field takes, and a default that a choice brings is one of a field there is", () => {
  const check = (path: string, fields: Fields): void => {
    for (const [name, field] of Object.entries(fields)) {
      if (field.is === "group") check(`${path}.${name}`, field.fields);
      else if (field.default !== undefined) {
        assert(recordSchema({ [name]: field }).safeParse({ [name]: field.default }).success, `${path}.${name}`);
      }
    }
  };
  for (const [name, section] of Object.entries(sections)) {
    if (!("variants" in section)) check(name, section.fields);
    else for (const { fields } of Object.values(section.variants)) check(name, fields);
  }
  const paths = flags.map(({ path }) => path);
  const leavesOf = (value: unknown, path: string): readonly string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, path === "" ? name : `${path}.${name}`))
      : [path];
  for (const { defaults = [] } of Object.values<Variant>(methods)) {
    for (const { where, set } of defaults) {
      assertEquals(leavesOf(set, "").filter((path) => !paths.includes(path)), []);
      assert(where === undefined || paths.includes(where), where);
    }
  }
});
