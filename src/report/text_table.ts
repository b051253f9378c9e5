/**
 * Plain tables and sizes, for a terminal.
 *
 * @module
 */

import { printableLine } from "../core/printable.ts";

/** Rows under a header, columns aligned: text to the left, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => printableLine(String(cell))));
  const widths = header.map((_, column) => cells.reduce((most, row) => Math.max(most, row[column].length), 0));
  const right = header.map((_, column) => rows.every((row) => typeof row[column] === "number"));
  return cells.map((row) =>
    row.map((cell, column) => right[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])).join("  ")
      .trimEnd()
  ).join("\n");
}

/** A number of bytes in readable form: `1.5 MB` (powers of 1,000). */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
