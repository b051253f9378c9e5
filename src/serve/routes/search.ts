import { Either, pipe } from "../../core/either.ts";
import { reasonOf } from "../../core/reason.ts";
import { liking } from "../../search/liking.ts";
import { type UnitVectors, vectorsAt } from "../../search/unit_vectors.ts";
import { bytesOf, frame, json, refusal } from "../answers.ts";
import { similaritiesTo } from "../similarity.ts";
import { answered, type Asked, bodyOf, bytesOfBody, changed, isNumbers, type Route } from "./route.ts";

/** Search by images: of the collection, and others. */
export const searchRoutes: readonly Route[] = [
  { method: "POST", path: "/api/like/", answer: like },
  {
    method: "POST",
    path: "/api/example",
    answer: async ({ explorer, request }) => {
      const bytes = await bytesOfBody(request);
      if (bytes === undefined) return refusal(413, "Cannot search: expected an image of at most 64 MB");
      const id = explorer.examples.add(bytes);
      return id === undefined
        ? refusal(415, "Cannot search: expected a JPEG, PNG, GIF, BMP or WebP, found something else")
        : json({ id });
    },
  },
  {
    method: "GET",
    path: "/api/example/",
    answer: ({ explorer, name }) => {
      const example = explorer.examples.get(Number(name));
      return example === undefined
        ? refusal(404, "The image that was searched by is no longer there")
        : bytesOf(example.bytes, example.type, { kept: true });
    },
  },
];

/** The similarity of every image to some images and examples, and not to others. */
async function like(asked: Asked): Promise<Response> {
  const { explorer, name } = asked;
  const { these, those, examples = [] } = await bodyOf(asked.request);
  if (!isNumbers(these) || !isNumbers(those) || !isNumbers(examples)) {
    return refusal(400, "Cannot search: expected { these, those }");
  }
  const found = pipe(
    Either.Do,
    Either.bindW("table", () => explorer.table()),
    Either.bindW("vectors", () => explorer.vectors(name)),
    Either.bindW("encoders", () => explorer.collection.encoders()),
  );
  if (Either.isLeft(found)) return answered(found, json);
  const { table, vectors, encoders } = found.right;
  const other = changed(asked, table);
  if (other !== undefined) return other;

  const encoder = encoders.find((encoder) => encoder.name === name)!; // it has vectors
  const embedded: Float32Array[] = [];
  for (const id of examples) {
    const vector = await explorer.examples.vector(id, encoder);
    if (Either.isLeft(vector)) return refusal(400, vector.left);
    embedded.push(vector.right);
  }
  const part = (ids: readonly number[]): UnitVectors =>
    vectorsAt(vectors, ids.flatMap((id) => vectors.placeOf(id) ?? []));
  const toward = joined([part(these).values, ...embedded]);
  if (toward.length === 0) return refusal(400, "Cannot search: none of the images has a vector");
  const query = Either.tryCatch(() => liking({ values: toward, dim: vectors.dim }, part(those)).values, reasonOf);
  if (Either.isLeft(query)) return refusal(400, query.left);

  const similarities = await similaritiesTo(vectors, query.right);
  const byRow = new Float32Array(table.images.length).fill(NaN);
  similarities.forEach((similarity, place) => byRow[vectors.rows[place]] = similarity);
  return frame({}, byRow);
}

/** Vectors one after another. */
function joined(vectors: readonly Float32Array[]): Float32Array {
  const values = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  vectors.reduce((start, vector) => (values.set(vector, start), start + vector.length), 0);
  return values;
}
