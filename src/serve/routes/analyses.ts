import type { CollectionVectors } from "../../search/collection/types.ts";
import { frame, json, refusal } from "../answers.ts";
import { type Analysis, halvesOf } from "../explorer.ts";
import { answered, type Asked, type Route, rowsOf, withTable } from "./route.ts";

/** What is found by comparing all images: three numbers for each pair, two rows and their similarity. */
export const analysisRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/neighbours/",
    answer: (asked) =>
      withTable(
        asked,
        (table) =>
          withVectors(asked, ({ ids }) =>
            answered(asked.explorer.neighbours(asked.name), (analysis) =>
              analysed(analysis, ({ k, rows, similarities }) => {
                const rowAt = rowsOf(table, ids);
                const pairs = new Float64Array(3 * rows.length);
                rows.forEach((place, at) => {
                  pairs.set([rowAt[Math.floor(at / k)], rowAt[place], similarities[at]], 3 * at);
                });
                return frame({}, pairs);
              }))),
      ),
  },
  {
    method: "GET",
    path: "/api/leaks/",
    answer: (asked) =>
      withTable(
        asked,
        (table) =>
          withVectors(asked, (vectors) =>
            answered(asked.explorer.leaks(asked.name), (analysis) =>
              analysed(analysis, (leaks) => {
                const { test, train } = halvesOf(vectors, table);
                const rowAt = rowsOf(table, vectors.ids);
                const pairs = leaks.map((leak) => [rowAt[test[leak.test]], rowAt[train[leak.train]], leak.similarity]);
                return frame({}, Float64Array.from(pairs.flat()));
              }))),
      ),
  },
];

function withVectors({ explorer, name }: Asked, then: (vectors: CollectionVectors) => Response): Response {
  return answered(explorer.vectors(name), then);
}

/** The progress of a computation (202), its result, or why it failed. */
function analysed<A>(analysis: Analysis<A>, then: (result: A) => Response): Response {
  switch (analysis._tag) {
    case "Running":
      return json(analysis.progress, 202);
    case "Failed":
      return refusal(500, analysis.reason);
    case "Done":
      return then(analysis.result);
  }
}
