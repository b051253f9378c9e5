import type { Leak } from "../../search/leaks.ts";
import type { NeighbourGraph } from "../../search/neighbour_graph.ts";
import type { Answer } from "../../search/collection/collection.ts";
import { frame, json, refusal } from "../answers.ts";
import type { Analysis } from "../analyses.ts";
import type { Explorer } from "../explorer.ts";
import { halvesOf, type PlacedVectors } from "../placed_vectors.ts";
import type { Table } from "../table.ts";
import { answered, type Asked, type Route, withTable } from "./route.ts";

/** What is found by comparing all images: three numbers for each pair, two rows and their similarity. */
export const analysisRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/neighbours/",
    answer: (asked) => analysed(asked, ({ neighbours }) => neighbours(asked.name), pairsOfNeighbours),
  },
  {
    method: "GET",
    path: "/api/leaks/",
    answer: (asked) => analysed(asked, ({ leaks }) => leaks(asked.name), pairsOfLeaks),
  },
];

function pairsOfNeighbours({ k, rows, similarities }: NeighbourGraph, vectors: PlacedVectors): Float64Array {
  const pairs = new Float64Array(3 * rows.length);
  rows.forEach((place, at) => {
    pairs[3 * at] = vectors.rows[Math.floor(at / k)];
    pairs[3 * at + 1] = vectors.rows[place];
    pairs[3 * at + 2] = similarities[at];
  });
  return pairs;
}

function pairsOfLeaks(leaks: readonly Leak[], vectors: PlacedVectors, table: Table): Float64Array {
  const { test, train } = halvesOf(vectors, table);
  const row = (place: number): number => vectors.rows[place];
  return Float64Array.from(leaks.flatMap((leak) => [row(test[leak.test]), row(train[leak.train]), leak.similarity]));
}

/** The progress of a computation (202), or its pairs, or why it failed. */
function analysed<A>(
  asked: Asked,
  find: (explorer: Explorer) => Answer<Analysis<A>>,
  pairs: (result: A, vectors: PlacedVectors, table: Table) => Float64Array,
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
              return frame({}, pairs(analysis.result, vectors, table));
          }
        })),
  );
}
