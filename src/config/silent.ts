import type { Field, Group } from "../core/declare.ts";
import { valueAt } from "./paths.ts";
import { type Choice, isPart, owners, sections } from "./sections.ts";

/**
 * Whether a value is one that a field has by default with some choice. Earlier versions stored every field of every
 * choice, so that a field which nobody heeds may stand there with its default.
 *
 * @param section The section of the field.
 * @param field The field's name.
 * @param value What stands there.
 */
export function holdsDefault(section: Choice, field: string, value: unknown): boolean {
  return owners(section, field).some((name) => isDefault(section, field, section.variants[name].fields[field], value));
}

function isDefault(section: Choice, path: string, field: Field | Group, value: unknown): boolean {
  if (field.is === "group") {
    return isPart(value) &&
      Object.entries(value).every(([name, inner]) =>
        Object.hasOwn(field.fields, name) && isDefault(section, `${path}.${name}`, field.fields[name], inner)
      );
  }
  return [field.default, ...brought(section, path)].some((each) => JSON.stringify(each) === JSON.stringify(value));
}

/** The defaults that choices of any section bring to a field. */
function brought(section: Choice, path: string): readonly unknown[] {
  const name = Object.keys(sections).find((each) => sections[each] === section)!;
  return Object.values(sections).flatMap((each) =>
    "variants" in each
      ? Object.values(each.variants).flatMap(({ defaults = [] }) =>
        defaults.map(({ set }) => valueAt(set, [name, ...path.split(".")]))
      )
      : []
  ).filter((each) => each !== undefined);
}
