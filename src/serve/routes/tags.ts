import { Either, pipe } from "../../core/either.ts";
import type { Answer, Collection } from "../../search/collection/collection.ts";
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
      return written(asked, ({ tag, untag }) => (on ? tag : untag)(ids, asked.name));
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
      return written(asked, ({ select }) => select(ids, asked.name));
    },
  },
  {
    method: "DELETE",
    path: "/api/selection/",
    answer: (asked) => written(asked, ({ deselect }) => deselect(asked.name)),
  },
];

/** Writes, if the page has the images that are there by now, and tells the tags and selections that there are then. */
function written(asked: Asked, write: (collection: Collection) => Answer<void>): Response {
  return withTable(asked, () => answered(write(asked.explorer.collection), () => tagsAndSelections(asked)));
}

function tagsAndSelections({ explorer: { collection } }: Asked): Response {
  const both = pipe(
    Either.Do,
    Either.bindW("tags", () => collection.tags()),
    Either.bindW("selections", () => collection.selections()),
  );
  return answered(both, json);
}
