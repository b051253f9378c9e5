/**
 * The labels of a folder's images: from class folders, from a list, or none.
 *
 * @module
 */
import { extname, resolve } from "node:path";
import { reasonOf } from "../core/reason.ts";
import { parseCsv } from "../dependencies/csv_parse.ts";
import { Either } from "../core/either.ts";
import type { MalformedFile } from "./errors.ts";
import type { UnreadableFile } from "../files/errors.ts";
import { isRecord, parseJson } from "../files/json.ts";
import type { ImageFile } from "./walk.ts";

/** Images with the name of each one's class, if they have classes. */
export type NamedImages = {
  readonly images: readonly ImageFile[];
  /** The class of each image; absent where the images have no labels. */
  readonly classes?: readonly string[];
  /** Images that were left out because they have no label. */
  readonly unlabelled: readonly string[];
};

/**
 * Up to this share of all images, those beside the folders of halves or of classes count as strays. Above it, the
 * folders are neither.
 */
export const STRAYS = 0.1;

/**
 * Labels from the first folder of each image.
 *
 * @param images The images, with paths from the folder whose subfolders are the classes.
 * @param certain Whether the user said that the folders are classes. Otherwise they are if there are two or more, and
 *   at most a tenth of the images lies beside them.
 */
export function byFolders(images: readonly ImageFile[], certain: boolean): NamedImages {
  const classes = new Set(images.flatMap(({ folders }) => folders.slice(0, 1)));
  const strays = images.filter(({ folders }) => folders.length === 0).map(({ path }) => path);
  const are = certain ? classes.size > 0 : classes.size > 1 && strays.length <= STRAYS * images.length;
  if (!are) return { images, unlabelled: [] };
  const labelled = images.filter(({ folders }) => folders.length > 0);
  return { images: labelled, classes: labelled.map(({ folders }) => folders[0]), unlabelled: strays };
}

/**
 * Labels that come with the images, as in shards.
 *
 * @param images The images.
 * @returns Undefined if more than a tenth of the images have none.
 */
export function byLabels(images: readonly ImageFile[]): NamedImages | undefined {
  const labelled = images.filter(({ label }) => label !== undefined);
  const unlabelled = images.filter(({ label }) => label === undefined).map(({ path }) => path);
  if (labelled.length === 0 || unlabelled.length > STRAYS * images.length) return undefined;
  return { images: labelled, classes: labelled.map(({ label }) => label!), unlabelled };
}

/**
 * Labels from a list. Where it names none of the images, they have no labels.
 *
 * @param images The images.
 * @param list The class of each path, from {@linkcode readLabels}.
 */
export function byList(images: readonly ImageFile[], list: ReadonlyMap<string, string>): NamedImages {
  const found = images.map((image) => ({ image, name: list.get(key("", image.path)) }));
  const labelled = found.filter(({ name }) => name !== undefined);
  if (labelled.length === 0) return { images, unlabelled: [] };
  return {
    images: labelled.map(({ image }) => image),
    classes: labelled.map(({ name }) => name!),
    unlabelled: found.filter(({ name }) => name === undefined).map(({ image }) => image.path),
  };
}

/**
 * The class of each path that a list names. The list is a CSV file with the columns `path` and `label` in its first
 * line, or JSON Lines with these fields. Further columns are ignored.
 *
 * @param file The list.
 * @param root The folder that relative paths start from.
 */
export async function readLabels(
  file: string,
  root: string,
): Promise<Either<UnreadableFile | MalformedFile, ReadonlyMap<string, string>>> {
  let text: string;
  try {
    text = (await Deno.readTextFile(file)).replace(/^\ufeff/, "");
  } catch (thrown) {
    return Either.left({ _tag: "UnreadableFile", path: file, reason: reasonOf(thrown) });
  }
  const rows = /^\.(jsonl|ndjson)$/i.test(extname(file)) ? jsonRows(text) : csvRows(text);
  const labels = new Map<string, string>();
  for (const { line, value } of rows) {
    if (value instanceof Error) return fault(file, line, "path and label", value.message);
    const { path, label } = value;
    if (typeof path !== "string" || path === "") return fault(file, line, "a path", said(path));
    if (!(typeof label === "string" && label !== "") && typeof label !== "number") {
      return fault(file, line, "a label", said(label));
    }
    const name = String(label).normalize("NFC");
    const place = key(root, path);
    const before = labels.get(place);
    if (before !== undefined && before !== name) {
      return fault(file, line, `${path} once, or with one label`, `the labels ${said(before)} and ${said(name)}`);
    }
    labels.set(place, name);
  }
  if (labels.size === 0) return fault(file, 1, "a line for each image", "none");
  return Either.right(labels);
}

type Row = { readonly line: number; readonly value: Readonly<Record<string, unknown>> | Error };

function* jsonRows(text: string): Generator<Row> {
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const parsed = parseJson(line);
    const value = Either.isLeft(parsed)
      ? new TypeError(parsed.left)
      : isRecord(parsed.right)
      ? parsed.right
      : new TypeError(`not a record: ${said(parsed.right)}`);
    yield { line: index + 1, value };
  }
}

function* csvRows(text: string): Generator<Row> {
  const parsed = Either.tryCatch(() => parseCsv(text), (thrown) => thrown as Error);
  if (Either.isLeft(parsed)) return yield { line: 1, value: parsed.left };
  const [header = [], ...rows] = parsed.right;
  const missing = ["path", "label"].filter((name) => !header.includes(name));
  if (missing.length > 0) {
    return yield {
      line: 1,
      value: new TypeError(`a first line without ${missing.join(" and ")}: ${said(header.join(","))}`),
    };
  }
  for (const [index, row] of rows.entries()) {
    yield { line: index + 2, value: Object.fromEntries(header.map((name, column) => [name, row[column]])) };
  }
}

/** An absolute path in Unicode's composed form, which is the same however the path was written. */
function key(root: string, path: string): string {
  return resolve(root, path).normalize("NFC");
}

function said(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function fault(path: string, line: number, expected: string, found: string): Either<MalformedFile, never> {
  return Either.left({ _tag: "MalformedFile", path, fault: { what: `line ${line}`, expected, found } });
}
