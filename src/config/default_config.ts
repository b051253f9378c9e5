import type { Fields } from "../core/declare.ts";
import { broughtDefaults } from "./brought.ts";
import { merge } from "./paths.ts";
import { fieldsIn, namesIn, type Part, sections } from "./sections.ts";
import type { Config } from "./types.ts";

/**
 * The configuration that an empty record stands for: MoCo v2 on Fashion-MNIST with a quarter-width ResNet-18.
 *
 * It is put together from the declarations, so importing the library builds no schema.
 */
export const defaultConfig: Config = merge(
  Object.fromEntries(Object.keys(sections).map((name) => [name, sectionDefaults(name)])),
  broughtDefaults({}),
) as Config;

function sectionDefaults(section: string): Part {
  const name = namesIn({})[section]; // of a section that chooses
  return { ...name === undefined ? {} : { name }, ...defaultsOf(fieldsIn(section, {})) };
}

function defaultsOf(fields: Fields): Part {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]): [string, unknown][] => {
      if (field.is === "group") return [[name, defaultsOf(field.fields)]];
      return field.default === undefined ? [] : [[name, field.default]];
    }),
  );
}
