import { basename } from "node:path";
import { Either, pipe } from "../../core/either.ts";
import type { Answer } from "../../search/collection/collection.ts";
import { json } from "../answers.ts";
import type { Explorer } from "../explorer.ts";
import type { CollectionInfo } from "../messages.ts";
import { answered, type Route } from "./route.ts";

/** The collection at a glance. */
export const collectionRoutes: readonly Route[] = [
  { method: "GET", path: "/api/collection", answer: ({ explorer }) => answered(infoOfCollection(explorer), json) },
];

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
      ...{ name: basename(collection.path), version, count: images.length, columns },
      ...{ encoders: made, tags, selections },
    })),
  );
}
