/**
 * What `--help` says of flags.
 *
 * @module
 */
import { familyOf } from "./families.ts";
import type { Flag, With } from "./flags.ts";
import { sections } from "./sections.ts";

/** What `--help` says of a flag: what it means, its choices, what it belongs to, and its defaults. */
export function describeFlag({ about, choices, defaults, owners, kind, path }: Flag): string {
  const all = allOwners(path);
  const notes = [
    ...choices !== undefined && choices.length > 1 ? [choices.join(" | ")] : [],
    ...owners === undefined ? [] : [`with ${familyOf(owners, all)}`],
    ...defaults.length === 0 || (kind === "boolean" && defaults.length === 1)
      ? []
      : [`default ${defaults.map((each) => said(each, all)).join(", ")}`],
  ];
  const meaning = about.map(({ value, with: owners }) =>
    owners === undefined ? value : `with ${familyOf(owners, all)}: ${value}`
  ).join("; ");
  return notes.length === 0 ? meaning : `${meaning} (${notes.join("; ")})`;
}

function said({ value, with: owners }: With<unknown>, all: readonly string[]): string {
  return owners === undefined ? String(value) : `${value} with ${familyOf(owners, all)}`;
}

function allOwners(path: string): readonly string[] {
  const section = sections[path.split(".")[0]];
  return "variants" in section ? Object.keys(section.variants) : [];
}
