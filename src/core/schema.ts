/**
 * Turns declarations into schemas that check values.
 *
 * @module
 */
import { z } from "../dependencies/zod.ts";
import type { Bounds, Field, Fields, Group, Variants } from "./declare.ts";

/** A schema. The types in `declare.ts` derive the type of its values from the declaration. */
export type Schema = z.ZodType;

/** A record with exactly these fields; absent ones take their defaults. */
export function recordSchema(fields: Fields, more: Readonly<Record<string, Schema>> = {}): z.ZodObject {
  const shape = Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)] as const);
  return z.strictObject({ ...more, ...Object.fromEntries(shape) });
}

/** One of several records, discriminated by their `name`. */
export function taggedSchema(variants: Variants, usual: string): Schema {
  const [first, ...rest] = Object.entries(variants).map(([name, { about, fields }]) => {
    const tag = z.literal(name);
    return recordSchema(fields, { name: name === usual ? tag.default(name) : tag }).describe(about);
  });
  return z.discriminatedUnion("name", [first, ...rest]);
}

function fieldSchema(field: Field | Group): Schema {
  if (field.is === "group") return recordSchema(field.fields).prefault({});
  const schema = kindSchema(field).describe(field.about);
  return field.default === undefined ? schema.optional() : schema.default(field.default);
}

function kindSchema(field: Field): Schema {
  switch (field.is) {
    case "number":
      return bounded(z.number(), field);
    case "integer":
      return bounded(z.int(), field);
    case "boolean":
      return z.boolean();
    case "text":
    case "path":
      return z.string().min(1);
    case "choice":
      return z.literal([...field.of]);
    case "range": {
      const end = bounded(z.number(), field);
      return z.tuple([end, end]).refine(([least, greatest]) => Number(least) <= Number(greatest));
    }
    case "list":
      return z.array(bounded(z.number(), field));
  }
}

function bounded(number: z.ZodNumber, { min, max, above, below }: Bounds): z.ZodNumber {
  let schema = number;
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  if (above !== undefined) schema = schema.gt(above);
  if (below !== undefined) schema = schema.lt(below);
  return schema;
}
