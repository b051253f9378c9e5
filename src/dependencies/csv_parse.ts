/** Parses comma-separated values. */
import { parse } from "npm:csv-parse@7.0.3/sync";

/** The cells of each line of a CSV text, empty lines left out; lines may have too few cells or too many. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  return parse(text, { skip_empty_lines: true, trim: true, relax_column_count: true });
}
