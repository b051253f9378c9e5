import { refusal } from "../answers.ts";
import { type Asked, type Route, withTable } from "./route.ts";

/** The pictures of images. */
export const pictureRoutes: readonly Route[] = [
  { method: "GET", path: "/api/thumbnail/", answer: (asked) => pictureOf(asked, "thumbnail") },
  { method: "GET", path: "/api/picture/", answer: (asked) => pictureOf(asked, "whole") },
];

/** A picture of an image. Its address names the version of the images, so that a browser may keep it. */
function pictureOf(asked: Asked, kind: "thumbnail" | "whole"): Response | Promise<Response> {
  return withTable(asked, ({ images, sources, rowOf }): Response | Promise<Response> => {
    const row = rowOf(Number(asked.name));
    if (row === undefined || !sources.has(images[row].source)) return refusal(404, "Cannot find the image");
    return asked.explorer.pictures[kind](images[row], sources);
  });
}
