import { frame, json, refusal } from "../answers.ts";
import { columnOf, infoOf, searchable, textsOf } from "../table.ts";
import { answered, type Route, withTable } from "./route.ts";

/** What is said of every image, and of some. */
export const imageRoutes: readonly Route[] = [
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
      withTable(asked, ({ images, rowOf }) =>
        answered(asked.explorer.map(asked.name), (map) => {
          const points = new Float32Array(2 * images.length).fill(NaN);
          map?.ids.forEach((id, place) => {
            const row = rowOf(id);
            if (row !== undefined) points.set(map.points.subarray(2 * place, 2 * place + 2), 2 * row);
          });
          return frame({}, points);
        })),
  },
  {
    method: "GET",
    path: "/api/clusters/",
    answer: (asked) =>
      withTable(asked, ({ images, rowOf }) =>
        answered(asked.explorer.clusters(asked.name), (found) => {
          const names = new Array<string | undefined>(images.length);
          found?.ids.forEach((id, place) => {
            const [row, cluster] = [rowOf(id), found.clusters[place]];
            if (row !== undefined && cluster >= 0) names[row] = `Cluster ${cluster}`;
          });
          const { head, numbers } = textsOf(names);
          return frame(head, numbers);
        })),
  },
  {
    method: "GET",
    path: "/api/text",
    answer: (asked) =>
      withTable(asked, ({ searchablePaths }) => {
        const text = searchable(asked.query.get("q") ?? "");
        const rows = searchablePaths().flatMap((path, row) => path.includes(text) ? [row] : []);
        return frame({}, Int32Array.from(rows));
      }),
  },
  {
    method: "GET",
    path: "/api/images",
    answer: (asked) =>
      withTable(asked, (table) => {
        const asks = (asked.query.get("rows") ?? "").split(",").filter((row) => row !== "");
        const rows = asks.map(Number).filter((row) => row in table.images);
        const ids = rows.map((row) => table.images[row].id);
        // Tags change while the table stays, so these are read anew.
        return answered(asked.explorer.collection.images(ids), (images) => {
          const tags = new Map(images.map((image) => [image.id, image.tags]));
          return json(rows.map((row, place) => ({ ...infoOf(table, row), tags: tags.get(ids[place]) ?? [] })));
        });
      }),
  },
  {
    method: "GET",
    path: "/api/row/",
    answer: (asked) => withTable(asked, ({ rowOf }) => json({ row: rowOf(Number(asked.name)) ?? null })),
  },
];
