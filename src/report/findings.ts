/**
 * What was found among the images of a collection, in the four forms in which it is told: a table, JSON, CSV and a
 * contact sheet.
 *
 * @module
 */
import { csvCell } from "../core/csv.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { table } from "./text_table.ts";

/** An image on a contact sheet. */
export type SheetImage = {
  /** Its number in the collection. */
  readonly id: number;
  readonly caption: string;
};

/** Images that stand in one row of a contact sheet. */
export type SheetRow = { readonly title: string; readonly images: readonly SheetImage[] };

/** What was found. */
export type Findings = {
  readonly title: string;
  /** What it means, in a sentence or two. */
  readonly note: string;
  readonly columns: readonly string[];
  /** A cell for each column. */
  readonly rows: readonly (readonly (string | number)[])[];
  readonly sheet: readonly SheetRow[];
};

/** Findings as a table with a note below it, for a terminal. Only the first rows are shown. */
export function renderFindings({ note, columns, rows }: Findings, shown: number): string {
  const hidden = rows.length - shown;
  const cells = rows.slice(0, shown).map((row) => row.map(short));
  return [
    ...rows.length === 0 ? [] : [table(columns, cells)],
    ...hidden > 0 ? [`and ${hidden} more: --rows, --json and --csv show them`] : [],
    ...rows.length === 0 ? [] : [""],
    note,
  ].join("\n");
}

/** Findings as JSON: a record for each row. */
export function findingsJson({ columns, rows }: Findings): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))), null, 2);
}

/** Findings as comma-separated values with a header (RFC 4180, lines ended by line feeds). */
export function findingsCsv({ columns, rows }: Findings): string {
  return [columns, ...rows].map((row) => row.map(csvCell).join(",")).join("\n");
}

/** Five digits are enough for a reader; JSON and CSV have all. */
function short(cell: string | number): string | number {
  return typeof cell === "number" && !Number.isInteger(cell) ? Number(cell.toPrecision(5)) : cell;
}

/**
 * Findings as a page of images.
 *
 * @param findings What was found.
 * @param pictures The pictures of the sheet's images, as data URIs by number. An image without one has its caption
 *   only.
 */
export function findingsPage({ title, note, sheet }: Findings, pictures: ReadonlyMap<number, string>): string {
  return page(
    title,
    html`
      <h1>${title}</h1>
      <p class="lead">${note}</p>
      ${sheet.map((row) => sheetRow(row, pictures))}
    `,
  );
}

function sheetRow({ title, images }: SheetRow, pictures: ReadonlyMap<number, string>): Html {
  return html`
    <section>
      <h3>${title}</h3>
      <div class="sheet">${images.map(({ id, caption }) =>
        html`
          <figure>${pictures.has(id) ? html`<img src="${pictures.get(id)}" alt="Image ${id}">` : undefined}
          <figcaption>${caption}</figcaption></figure>
        `
      )}</div>
    </section>
  `;
}
