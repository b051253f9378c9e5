import type { Option } from "../dependencies/commander.ts";

/**
 * What `--help` says of an option: what it means, its choices and its default, in the form in which the fields of a
 * configuration are described.
 */
export function describeOption({ argChoices, defaultValue, description, negate }: Option): string {
  const notes = [
    ...argChoices === undefined ? [] : [argChoices.join(" | ")],
    ...defaultValue === undefined || negate ? [] : [`default ${defaultValue}`],
  ];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}
