/**
 * A cell of a CSV file (RFC 4180): in quotes where it has a comma, a quote or the end of a line.
 *
 * @param value What stands in the cell; `undefined` for nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csvCell } from "./csv.ts";
 *
 * assertEquals([1, 'a "b", c', undefined].map(csvCell).join(), '1,"a ""b"", c",');
 * ```
 */
export function csvCell(value: string | number | undefined): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
