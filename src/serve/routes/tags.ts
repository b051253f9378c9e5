import { Either, pipe } from "../../core/either.ts";
import { frame, json, refusal } from "../answers.ts";
import { answered, type Asked, bodyOf, isNumbers, type Route, rowsOf, withTable } from "./route.ts";

/** Tags and saved selections, the only things that the page writes. */
export const tagRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/tag/",
    answer: (asked) =>
      withTable(
        asked,
        (table) => answered(asked.explorer.collection.tagged(asked.name), (ids) => frame({}, rowsOf(table, ids))),
      ),
  },
  {
    method: "POST",
    path: "/api/tag/",
    answer: async (asked) => {
      const { ids, on } = await bodyOf(asked.request);
      if (!isNumbers(ids) || typeof on !== "boolean") return refusal(400, "Cannot tag: expected { ids, on }");
      const tagged = asked.explorer.write(({ tag, untag }) => (on ? tag : untag)(ids, asked.name));
      return answered(tagged, () => tagsAndSelections(asked));
    },
  },
  {
    method: "GET",
    path: "/api/selection/",
    answer: (asked) =>
      withTable(
        asked,
        (table) =>
          answered(asked.explorer.collection.selection(asked.name), (ids) =>
            ids === undefined ? refusal(404, "Cannot find the selection") : frame({}, rowsOf(table, ids))),
      ),
  },
  {
    method: "PUT",
    path: "/api/selection/",
    answer: async (asked) => {
      const { ids } = await bodyOf(asked.request);
      if (!isNumbers(ids)) return refusal(400, "Cannot save the selection: expected { ids }");
      const saved = asked.explorer.write(({ select }) => select(ids, asked.name));
      return answered(saved, () => tagsAndSelections(asked));
    },
  },
  {
    method: "DELETE",
    path: "/api/selection/",
    answer: (asked) => {
      const removed = asked.explorer.write(({ deselect }) => deselect(asked.name));
      return answered(removed, () => tagsAndSelections(asked));
    },
  },
];

function tagsAndSelections({ explorer: { collection } }: Asked): Response {
  const both = pipe(
    Either.Do,
    Either.bindW("tags", () => collection.tags()),
    Either.bindW("selections", () => collection.selections()),
  );
  return answered(both, json);
}
