/**
 * The images that are shown or chosen, as a file.
 *
 * @module
 */
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
  const head = ["id", "path", "label", "split", "width", "height", "bytes", "tags", ...joined];
  const lines = images.map(({ id, path, label, split, width, height, bytes, tags, columns }) => [
    ...[id, path, label, split, width, height, bytes, tags.join(";")],
    ...joined.map((name) => columns[name]),
  ]);
  return `${[head, ...lines].map((cells) => cells.map(cell).join()).join("\r\n")}\r\n`;
}

/** A cell of a CSV file. A text that a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return `${value}`;
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
