import { Either } from "../../core/either.ts";
import { json, refusal } from "../answers.ts";
import { answered, type Asked, type Route } from "./route.ts";

/** The pictures of images. */
export const pictureRoutes: readonly Route[] = [
  { method: "GET", path: "/api/thumbnail/", answer: (asked) => pictureOf(asked, "thumbnail") },
  { method: "GET", path: "/api/picture/", answer: (asked) => pictureOf(asked, "whole") },
];

async function pictureOf({ explorer, name }: Asked, kind: "thumbnail" | "whole"): Promise<Response> {
  const table = explorer.table();
  if (Either.isLeft(table)) return answered(table, json);
  const { images, sources, rowOf } = table.right;
  const row = rowOf(Number(name));
  if (row === undefined || !sources.has(images[row].source)) return refusal(404, "Cannot find the image");
  return await explorer.pictures[kind](images[row], sources);
}
