/**
 * Configurations that were written by earlier versions, in today's layout.
 *
 * @module
 */
import { isRecord } from "../files/json.ts";
import { merge, nest, valueAt, without } from "./paths.ts";
import type { Part } from "./sections.ts";

/** Where fields of earlier versions stand today. */
export const moved: readonly (readonly [before: string, now: string])[] = [
  ["encoder.head", "method.head"],
  ["encoder.dimension", "method.dimension"],
  ["projector", "method.projector"],
  ["predictor", "method.predictor"],
];

/**
 * A value that is to become a configuration, with the fields of earlier versions where they stand today.
 *
 * Until version 0.1, the head and the number of contrasted features stood in `encoder`, and MoCo v3's two heads in
 * sections of their own. It stored `onUnreadable` with every data source, although only a folder heeds it. Where one of
 * those fields shows that version 0.1 wrote the value, it is dropped. Elsewhere the parser refuses it. Every encoder took
 * `heads`, which only ViT-tiny heeded, beside its `channels`. The layouts may be mixed: if a field stands in both places,
 * today's counts. A value of today's layout comes back as it is.
 *
 * @param input The value. Anything but a record comes back as it is, for the parser to refuse.
 */
export function migrate(input: unknown): unknown {
  if (!isRecord(input)) return input;
  const { data, encoder } = input;
  const isOld = moved.some(([before]) => valueAt(input, before.split(".")) !== undefined);
  const unheeded = [
    ...isOld && isNamed(data) && data.name !== "folder" ? [["data", "onUnreadable"]] : [],
    ...isNamed(encoder) && encoder.name !== "vit-tiny" && "channels" in encoder ? [["encoder", "heads"]] : [],
  ];
  return moved.reduce<Part>((part, [before, now]) => {
    const value = valueAt(part, before.split("."));
    if (value === undefined) return part;
    const rest = without(part, before.split("."));
    return isRecord(rest.method ?? {}) ? merge(nest(now.split("."), value), rest) : part;
  }, unheeded.reduce(without, input));
}

function isNamed(section: unknown): section is Part & { readonly name: string } {
  return isRecord(section) && typeof section.name === "string";
}
