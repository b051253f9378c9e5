import { Either, pipe } from "../../core/either.ts";
import { reasonOf } from "../../core/reason.ts";
import type { CollectionEncoder } from "../../search/collection/types.ts";
import { bytesOf, frame, json, refusal } from "../answers.ts";
import { type ImagePlace, placeOf } from "../image_place.ts";
import type { FocusInfo } from "../messages.ts";
import { answered, type Asked, changed, type Route } from "./route.ts";

/** One image as an encoder sees it. The query names the image, the version, and the seed of the views. */
export const lookRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/focus/",
    answer: (asked) =>
      looking(asked, async (encoder, place) => {
        const { info, values } = await asked.explorer.encoders.focus(encoder, place);
        return frame(info satisfies FocusInfo, values);
      }),
  },
  {
    method: "GET",
    path: "/api/views/",
    answer: (asked) =>
      looking(asked, async (encoder, place) => {
        const seed = Number(asked.query.get("seed") ?? 0);
        if (!Number.isSafeInteger(seed) || seed < 0) return refusal(400, "Cannot draw views: expected a seed");
        const png = await asked.explorer.encoders.views(encoder, place, seed % 2 ** 31);
        return bytesOf(png, "image/png", { kept: true });
      }),
  },
];

async function looking(
  asked: Asked,
  answer: (encoder: CollectionEncoder, place: ImagePlace) => Promise<Response>,
): Promise<Response> {
  const { explorer, name, query } = asked;
  const found = pipe(
    Either.Do,
    Either.bindW("table", () => explorer.table()),
    Either.bindW("encoders", () => explorer.collection.encoders()),
  );
  if (Either.isLeft(found)) return answered(found, json);
  const { table, encoders } = found.right;
  const other = changed(asked, table);
  if (other !== undefined) return other;
  const { images, sources, rowOf } = table;
  const row = rowOf(Number(query.get("image")));
  const encoder = encoders.find((encoder) => encoder.name === name);
  if (row === undefined || encoder === undefined) return refusal(404, "Cannot find the image, or the encoder");
  try {
    const place = await placeOf(images[row], sources);
    return place instanceof Response ? place : await answer(encoder, place);
  } catch (thrown) {
    return refusal(400, reasonOf(thrown));
  }
}
