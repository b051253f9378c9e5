import { resolve } from "node:path";
import { isRecord } from "../files/json.ts";
import { fieldsIn, type Part, sections } from "./sections.ts";

/**
 * A configuration whose paths no longer depend on the folder in which they are read.
 *
 * @param config The configuration; its relative paths count from the current folder.
 */
export function absolutePaths<C extends Part>(config: C): C {
  const resolved = Object.keys(sections).map((section): readonly [string, unknown] => {
    const values = config[section];
    if (!isRecord(values)) return [section, values];
    const paths = Object.entries(fieldsIn(section, config)).flatMap(([name, field]) => {
      const value = values[name];
      const isPath = field.is === "path" && typeof value === "string" && !field.words?.includes(value);
      return isPath ? [[name, resolve(value)]] : [];
    });
    return [section, { ...values, ...Object.fromEntries(paths) }];
  });
  return { ...config, ...Object.fromEntries(resolved) };
}
