/** Parses comma-separated values. */
import { parse } from "npm:csv-parse@7.0.3/sync";

/** The cells of each line of a CSV text, without empty lines. Lines may have too few or too many cells. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  return parse(text, { skip_empty_lines: true, trim: true, relax_column_count: true });
}
