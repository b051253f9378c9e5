import type { Leak } from "../../search/leaks.ts";
import type { Answer } from "../../search/collection/collection.ts";
import { frame, json, refusal } from "../answers.ts";
import type { Analysis } from "../analyses.ts";
import type { Explorer } from "../explorer.ts";
import type { Compared, ComparedHead } from "../messages.ts";
import { halvesOf, type PlacedVectors } from "../placed_vectors.ts";
import type { Table } from "../table.ts";
import { answered, type Asked, type Route, withTable } from "./route.ts";

/**
 * What is found by comparing all images: which are near to each other, and how far each is from those around it; and
 * leaks, three numbers each, two rows and their similarity.
 */
export const analysisRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/neighbours/",
    answer: (asked) => analysed(asked, ({ neighbours }) => neighbours(asked.name), framedComparison),
  },
  {
    method: "GET",
    path: "/api/leaks/",
    answer: (asked) => analysed(asked, ({ leaks }) => leaks(asked.name), framedLeaks),
  },
];

/** A comparison as the page is sent it: of the rows of the table in place of the places in the vectors. */
export function framedComparison(
  { distances, first, second, similarities, shares }: Compared,
  { rows }: Pick<PlacedVectors, "rows">,
  { images }: { readonly images: { readonly length: number } },
): Response {
  const byRow = new Float64Array(images.length).fill(NaN);
  rows.forEach((row, place) => byRow[row] = distances[place]);
  const rowsOf = (places: Int32Array): Int32Array => places.map((place) => rows[place]);
  const head: ComparedHead = { pairs: shares.length };
  return frame(head, byRow, rowsOf(first), rowsOf(second), similarities, shares);
}

function framedLeaks(leaks: readonly Leak[], vectors: PlacedVectors, table: Table): Response {
  const { test, train } = halvesOf(vectors, table);
  const row = (place: number): number => vectors.rows[place];
  const pairs = leaks.flatMap((leak) => [row(test[leak.test]), row(train[leak.train]), leak.similarity]);
  return frame({}, Float64Array.from(pairs));
}

/** The progress of a computation (202), or what was found, or why it failed. */
function analysed<A>(
  asked: Asked,
  find: (explorer: Explorer) => Answer<Analysis<A>>,
  framed: (result: A, vectors: PlacedVectors, table: Table) => Response,
): Response {
  return withTable(
    asked,
    (table) =>
      answered(asked.explorer.vectors(asked.name), (vectors) =>
        answered(find(asked.explorer), (analysis) => {
          switch (analysis._tag) {
            case "Running":
              return json(analysis.progress, 202);
            case "Failed":
              return refusal(500, analysis.reason);
            case "Done":
              return framed(analysis.result, vectors, table);
          }
        })),
  );
}
