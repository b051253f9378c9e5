/**
 * What the server answers to, one function for each address.
 *
 * @module
 */
import { Either, pipe } from "../core/either.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { liking } from "../search/liking.ts";
import type { Answer } from "../search/collection/collection.ts";
import { type CollectionError, renderCollectionError } from "../search/collection/errors.ts";
import type { CollectionVectors } from "../search/collection/types.ts";
import { type UnitVectors, vectorsAt } from "../search/unit_vectors.ts";
import { bytesOf, frame, json, refusal } from "./answers.ts";
import { type Analysis, type Explorer, halvesOf } from "./explorer.ts";
import type { CollectionInfo } from "./messages.ts";
import { similaritiesTo } from "./similarity.ts";
import { columnOf, infoOf, type Table, textsOf } from "./table.ts";

/** What an address is given: the parts of the path that stand for something, the query, and the body. */
export type Asked = {
  readonly explorer: Explorer;
  readonly name: string;
  readonly query: URLSearchParams;
  readonly request: Request;
};

/** An address of the server. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path up to the name that it ends with, if it ends with one. */
  readonly path: string;
  readonly answer: (asked: Asked) => Response | Promise<Response>;
};

/** The most bytes of a request's body. */
const LONGEST = 2 ** 26;

/** Every address below `/api/`. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/api/collection", answer: ({ explorer }) => answered(infoOfCollection(explorer), json) },
  {
    method: "GET",
    path: "/api/column/",
    answer: (asked) =>
      withTable(asked, (table) => {
        const column = columnOf(table, asked.name);
        return column === undefined ? refusal(404, "Cannot find the column") : frame(column.head, column.numbers);
      }),
  },
  {
    method: "GET",
    path: "/api/map/",
    answer: (asked) =>
      withTable(asked, (table) =>
        answered(asked.explorer.map(asked.name), (map) => {
          const points = new Float32Array(2 * table.images.length).fill(NaN);
          map?.ids.forEach((id, place) => {
            const row = table.rowOf(id);
            if (row !== undefined) points.set(map.points.subarray(2 * place, 2 * place + 2), 2 * row);
          });
          return frame({}, points);
        })),
  },
  {
    method: "GET",
    path: "/api/clusters/",
    answer: (asked) =>
      withTable(asked, (table) =>
        answered(asked.explorer.clusters(asked.name), (clusters) => {
          const values = new Array<string | undefined>(table.images.length);
          clusters?.ids.forEach((id, place) => {
            const row = table.rowOf(id);
            if (row !== undefined && clusters.clusters[place] >= 0) {
              values[row] = `Cluster ${clusters.clusters[place] + 1}`;
            }
          });
          const { head, numbers } = textsOf(values);
          return frame(head, numbers);
        })),
  },
  {
    method: "GET",
    path: "/api/text",
    answer: (asked) =>
      withTable(asked, ({ images }) => {
        const text = (asked.query.get("q") ?? "").toLowerCase();
        const rows = images.flatMap(({ path }, row) => path.toLowerCase().includes(text) ? [row] : []);
        return frame({}, Int32Array.from(rows));
      }),
  },
  {
    method: "GET",
    path: "/api/images",
    answer: (asked) =>
      withTable(asked, (table) => {
        const rows = (asked.query.get("rows") ?? "").split(",").map(Number).filter((row) => row in table.images);
        const ids = rows.map((row) => table.images[row].id);
        // Tags change while the table stays, so these are read anew.
        return answered(asked.explorer.collection.images(ids), (images) => {
          const current = new Map(images.map((image) => [image.id, image.tags]));
          return json(rows.map((row) => ({ ...infoOf(table, row), tags: current.get(table.images[row].id) ?? [] })));
        });
      }),
  },
  {
    method: "GET",
    path: "/api/row/",
    answer: (asked) => withTable(asked, ({ rowOf }) => json({ row: rowOf(Number(asked.name)) ?? null })),
  },
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
  { method: "GET", path: "/api/thumbnail/", answer: (asked) => pictureOf(asked, "thumbnail") },
  { method: "GET", path: "/api/picture/", answer: (asked) => pictureOf(asked, "whole") },
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
  {
    method: "GET",
    path: "/api/neighbours/",
    answer: (asked) =>
      withTable(
        asked,
        (table) =>
          withVectors(asked, (vectors) =>
            answered(asked.explorer.neighbours(asked.name), (analysis) =>
              analysed(analysis, ({ k, rows, similarities }) => {
                const rowAt = rowsOf(table, vectors.ids);
                const pairs = new Float64Array(3 * rows.length); // image, neighbour, similarity
                rows.forEach((place, at) => {
                  pairs.set([rowAt[Math.floor(at / k)], rowAt[place], similarities[at]], 3 * at);
                });
                return frame({ k }, pairs);
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
                const row = (place: number): number =>
                  table.rowOf(vectors.ids[place]) ?? -1;
                const found = leaks.map((leak) => [row(test[leak.test]), row(train[leak.train]), leak.similarity]);
                return frame({}, Float64Array.from(found.flat()));
              }))),
      ),
  },
];

/** The answer that stands for a value, or why there is none. */
function answered<A>(answer: Answer<A>, then: (value: A) => Response): Response {
  return Either.isLeft(answer)
    ? refusal(statusOf(answer.left), renderCollectionError(answer.left))
    : then(answer.right);
}

function statusOf({ _tag }: CollectionError): 404 | 409 | 500 {
  return _tag === "NoSuchVectors" ? 404 : _tag === "BusyCollection" ? 409 : 500;
}

/** What is said of rows is only true of the rows that the page has: it names their version. */
function withTable({ explorer, query }: Asked, then: (table: Table) => Response): Response {
  return answered(
    explorer.table(),
    (table) =>
      query.get("version") === `${table.version}`
        ? then(table)
        : refusal(409, "The collection has changed. Load the page again."),
  );
}

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

function infoOfCollection({ collection, refresh, table, map, clusters }: Explorer): Answer<CollectionInfo> {
  refresh();
  return pipe(
    Either.Do,
    Either.bindW("table", () => table()),
    Either.bindW("encoders", () => collection.encoders()),
    Either.bindW("made", ({ encoders }) =>
      Either.traverseArray(({ name, dim }: (typeof encoders)[number]) =>
        pipe(
          Either.Do,
          Either.bindW("map", () => map(name)),
          Either.bindW("clusters", () => clusters(name)),
          Either.map(({ map, clusters }) => ({
            ...{ name, dim },
            hasMap: map !== undefined && map.ids.length > 0,
            hasClusters: clusters !== undefined && clusters.ids.length > 0,
          })),
        )
      )(encoders)),
    Either.bindW("tags", () => collection.tags()),
    Either.bindW("selections", () => collection.selections()),
    Either.map(({ table: { version, images, columns }, made, tags, selections }) => ({
      ...{ name: collection.path.split(/[/\\]/).at(-1)!, version, count: images.length, columns },
      ...{ encoders: made, tags, selections },
    })),
  );
}

function tagsAndSelections({ explorer: { collection } }: Asked): Response {
  const both = pipe(
    Either.Do,
    Either.bindW("tags", () => collection.tags()),
    Either.bindW("selections", () => collection.selections()),
  );
  return answered(both, json);
}

function rowsOf({ rowOf }: Table, ids: Int32Array): Int32Array {
  return Int32Array.from(Array.from(ids).flatMap((id) => rowOf(id) ?? []));
}

async function pictureOf({ explorer, name }: Asked, kind: "thumbnail" | "whole"): Promise<Response> {
  const table = explorer.table();
  if (Either.isLeft(table)) return answered(table, json);
  const { images, sources, rowOf } = table.right;
  const row = rowOf(Number(name));
  const source = row === undefined ? undefined : sources.get(images[row].source);
  if (row === undefined || source === undefined) return refusal(404, "Cannot find the image");
  return await explorer.pictures[kind](images[row], source);
}

/** The similarity of every image to some images and examples, and not to others. */
async function like({ explorer, name, query, request }: Asked): Promise<Response> {
  const { these, those, examples = [] } = await bodyOf(request);
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
  if (query.get("version") !== `${table.version}`) {
    return refusal(409, "The collection has changed. Load the page again.");
  }
  const places = new Map(Array.from(vectors.ids, (id, place) => [id, place]));
  const part = (ids: readonly number[]): UnitVectors => vectorsAt(vectors, ids.flatMap((id) => places.get(id) ?? []));
  const encoder = encoders.find((encoder) => encoder.name === name)!;
  const embedded: Float32Array[] = [];
  for (const id of examples) {
    const vector = await explorer.examples.vector(id, encoder);
    if (Either.isLeft(vector)) return refusal(400, vector.left);
    embedded.push(vector.right);
  }
  const values = [part(these).values, ...embedded].flatMap((vector) => Array.from(vector));
  if (values.length === 0) return refusal(400, "Cannot search: none of the images has a vector");
  const toward = { values: Float32Array.from(values), dim: vectors.dim };
  const similarities = await similaritiesTo(vectors, liking(toward, part(those)).values);
  const byRow = new Float32Array(table.images.length).fill(NaN);
  vectors.ids.forEach((id, place) => {
    const row = table.rowOf(id);
    if (row !== undefined) byRow[row] = similarities[place];
  });
  return frame({}, byRow);
}

/** The fields of a body in JSON; none if it is something else. */
async function bodyOf(request: Request): Promise<{ readonly [name: string]: unknown }> {
  const bytes = await bytesOfBody(request);
  const body = parseJson(new TextDecoder().decode(bytes));
  return Either.isRight(body) && isRecord(body.right) ? body.right : {};
}

/** The bytes of a body; undefined if they are too many, which are not read on then. */
async function bytesOfBody({ body }: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > LONGEST) return undefined;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(Number.isSafeInteger);
}
