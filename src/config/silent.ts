import type { Field, Group } from "../core/declare.ts";
import { isRecord } from "../files/json.ts";
import { holds } from "./brought.ts";
import { valueAt } from "./paths.ts";
import { type Choice, owners, type Part, sections } from "./sections.ts";

/**
 * Whether a field that belongs to choices other than the configuration's says nothing: its value is the default of most
 * of these choices. Earlier versions stored every field of every choice, and gave fields without effect that value.
 *
 * @param name The section of the field.
 * @param field The field's name.
 * @param config The configuration.
 */
export function isSilent(name: string, field: string, config: Part): boolean {
  const { variants } = sections[name] as Choice;
  const declared = owners(sections[name] as Choice, field).map((owner) => variants[owner].fields[field]);
  return saysNothing([name, field], declared, config);
}

function saysNothing(path: readonly string[], declared: readonly (Field | Group)[], config: Part): boolean {
  const value = valueAt(config, path);
  const groups = declared.flatMap((each) => each.is === "group" ? [each.fields] : []);
  if (groups.length > 0) {
    return isRecord(value) && Object.keys(value).every((name) => {
      const inner = groups.flatMap((fields) => Object.hasOwn(fields, name) ? [fields[name]] : []);
      return inner.length > 0 && saysNothing([...path, name], inner, config);
    });
  }
  const defaults = declared.flatMap((each) => each.is === "group" ? [] : [JSON.stringify(each.default)]);
  const times = (each: string) => defaults.filter((other) => other === each).length;
  const [usual] = defaults.toSorted((a, b) => times(b) - times(a));
  return [usual, ...broughtTo(path, config)].includes(JSON.stringify(value));
}

/** The defaults that choices of any section would bring to a field, given the configuration's other choices. */
function broughtTo(path: readonly string[], config: Part): readonly string[] {
  const all = Object.values(sections).flatMap((section) =>
    "variants" in section ? Object.values(section.variants).flatMap(({ defaults = [] }) => defaults) : []
  );
  return all.filter((each) => each.where !== undefined && holds(each, config))
    .map(({ set }) => JSON.stringify(valueAt(set, path)));
}
