/**
 * The images that are shown or chosen, as a file.
 *
 * @module
 */
import { csvCell } from "../../../core/csv.ts";
import { unlike } from "../../../search/collection/export/unlike.ts";
import type { ImageInfo } from "../../messages.ts";
import { counted } from "../format.ts";
import { info, loadDetails, refused } from "./collection.ts";
import { say } from "./notice.ts";

/** Saves what is known of images as a file. */
export async function exportImages(rows: ArrayLike<number>, kind: "csv" | "json"): Promise<void> {
  try {
    const images = await loadDetails(Array.from(rows));
    const text = kind === "csv"
      ? csvOf(images)
      : `${JSON.stringify(images.map(({ row: _, ...image }) => image), null, 2)}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind === "csv" ? "text/csv" : "application/json" }));
    link.download = `${info.value?.name.replace(/\.[^.]*$/, "") ?? "images"}-selection.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(`${counted(images.length)} exported`);
  } catch (thrown) {
    refused(thrown);
  }
}

function csvOf(images: readonly ImageInfo[]): string {
  const joined = [...new Set(images.flatMap(({ columns }) => Object.keys(columns)))];
  const own = ["id", "path", "file", "label", "split", "width", "height", "bytes", "tags"];
  const taken = new Set(own);
  const head = [...own, ...joined.map((name) => unlike(taken, name))];
  const lines = images.map(({ id, path, file, label, split, width, height, bytes, tags, columns }) => [
    ...[id, path, file, label, split, width, height, bytes, tags.join(";")],
    ...joined.map((name) => Object.hasOwn(columns, name) ? columns[name] : undefined),
  ]);
  return `${[head, ...lines].map((cells) => cells.map((cell) => csvCell(noFormula(cell))).join()).join("\r\n")}\r\n`;
}

/** A value of a table that a spreadsheet opens. A text that it would take for a formula begins with an apostrophe. */
function noFormula<A>(value: A): A | string {
  return typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}
