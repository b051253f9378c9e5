import { csvCell } from "../../../core/csv.ts";
import { type ExportTable, numberName } from "./table.ts";

/**
 * A table as the lines of a CSV file (RFC 4180), each with its end.
 *
 * @param table The table.
 * @param withVectors Whether the numbers of the vectors follow, as the columns v0, v1 and so on.
 */
export function* csvLines(
  { fields, vectors: { ids, values, dim } }: ExportTable,
  withVectors: boolean,
): Generator<string> {
  const places = Array.from({ length: withVectors ? dim : 0 }, (_, place) => place);
  yield lineOf([...fields.map(({ name }) => name), ...places.map(numberName)]);
  for (let row = 0; row < ids.length; row++) {
    yield lineOf([...fields.map(({ at }) => at(row)), ...places.map((place) => values[row * dim + place])]);
  }
}

function lineOf(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}
