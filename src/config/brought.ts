/**
 * Defaults that a choice brings with it, beyond its own fields or in place of theirs.
 *
 * @module
 */
import type { Brought } from "../core/declare.ts";
import { merge } from "./paths.ts";
import { fieldsIn, type Part, variantsIn } from "./sections.ts";

/** The defaults that the choices of a configuration bring with them. */
export function broughtDefaults(config: Part): Part {
  return variantsIn(config)
    .flatMap(({ defaults = [] }) => defaults.filter((each) => holds(each, config)))
    .reduce<Part>((all, { set }) => merge(all, set), {});
}

/** Whether they hold: the choices of the configuration have the field that they ask for. */
export function holds({ where }: Brought, config: Part): boolean {
  if (where === undefined) return true;
  const [section, field] = where.split(".");
  return Object.hasOwn(fieldsIn(section, config), field);
}
