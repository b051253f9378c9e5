/**
 * The schema of a whole configuration, made of the declarations.
 *
 * @module
 */
import { z } from "../dependencies/zod.ts";
import type { Rule } from "../core/declare.ts";
import { recordSchema, type Schema, taggedSchema } from "../core/schema.ts";
import { isRecord } from "../files/json.ts";
import { type Choice, type Part, type Plain, sections, variantsIn } from "./sections.ts";
import type { ParseOptions } from "./types.ts";

/**
 * The schema that checks a configuration: every field by itself, and the rules between the fields that are right.
 *
 * @param options What the configuration is wanted for.
 */
export function configSchema({ data = true }: ParseOptions = {}): Schema {
  const parts = Object.entries(sections).map(([name, section]) => [name, sectionSchema(section)] as const);
  const $schema = z.string().optional().describe("where this schema is, for editors");
  return recordSchema({}, { $schema, ...Object.fromEntries(parts) }).superRefine((config, context) => {
    const faulty = context.issues.flatMap(({ code, path = [] }) =>
      code === "unrecognized_keys" ? [] : [path.join(".")]
    );
    const rules = rulesIn(config).filter(({ onlyToRead }) => data || !onlyToRead);
    for (const { reads, check } of rules) {
      if (faulty.some((fault) => reads.some((path) => touch(fault, path)))) continue;
      const breach = check(config as never);
      if (breach === undefined) continue;
      context.addIssue({ code: "custom", path: reads[0].split("."), params: breach });
    }
  }, { when: ({ value }) => isRecord(value) });
}

/**
 * The JSON Schema of a configuration file, by which editors complete it.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { jsonSchema } from "@momentum-contrast/moco";
 *
 * assert("training" in (jsonSchema().properties as object));
 * ```
 */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema(), {
    io: "input",
    override: ({ jsonSchema }) => {
      // Bounds that hold for every whole number in JavaScript say nothing.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { $schema, title: "The configuration of moco, Momentum Contrast in TypeScript", ...rest };
}

function sectionSchema(section: Choice | Plain): Schema {
  const schema = "variants" in section ? taggedSchema(section.variants, section.usual) : recordSchema(section.fields);
  return schema.prefault({}).describe("about" in section ? section.about : section.title);
}

/** The rules that hold with what a configuration chooses. */
function rulesIn(config: Part): readonly Rule[] {
  const plain = Object.values(sections).flatMap((section) => "variants" in section ? [] : section.rules);
  return [...variantsIn(config).flatMap(({ rules = [] }) => rules), ...plain];
}

/** Whether one path is the other's, or lies within it. */
function touch(path: string, other: string): boolean {
  return path === "" || path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`);
}
