import { resolve } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import { contactSheet, type ContactSheetOptions } from "../augment/contact_sheet.ts";
import type { UnwritableFile } from "../files/errors.ts";
import type { PartialConfig } from "../config/types.ts";
import { key } from "../core/random.ts";
import { reasonOf } from "../core/reason.ts";
import { dispose } from "../core/scope.ts";
import { inMemory } from "../data/in_order.ts";
import { batches } from "../data/loader.ts";
import { select } from "../data/select.ts";
import { epochOrder } from "../data/shuffle.ts";
import { isInFiles } from "../data/types.ts";
import { type Reporter, silent } from "../train/progress.ts";
import { configure } from "./configure.ts";
import type { RunError } from "./errors.ts";
import { loadImages } from "./images.ts";

/** What {@linkcode drawViews} is asked for. */
export type DrawRequest = PartialConfig & ContactSheetOptions & {
  /** The name of the preset; the fields given here override its own. */
  readonly preset?: string;
  /** The PNG to write. */
  readonly out: string;
  /** Images to draw, one per row. Default 8. */
  readonly images?: number;
  /** Receives messages about loading the images. Default: none. */
  readonly reporter?: Reporter;
};

/**
 * Draws a contact sheet of a configuration's images. Each row shows an image and then augmented views of it.
 *
 * @param request The configuration, the file, and how much is drawn.
 * @returns Right the file that was written, absolute; left why there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawViews } from "@momentum-contrast/moco";
 *
 * const drawn = await drawViews({ preset: "photos", data: { path: "/no/photos" }, out: "sheet.png" })();
 * assertEquals(drawn._tag === "Left" && drawn.left._tag, "UnreadableFile");
 * ```
 */
export function drawViews(request: DrawRequest): TaskEither<RunError, string> {
  const { preset, out, images: count = 8, views, zoom, reporter = silent, ...fields } = request;
  const path = resolve(out);
  return pipe(
    configure(fields, { preset }),
    TaskEither.map((config) => ({ config })),
    TaskEither.bindW("loaded", ({ config }) => loadImages(config, reporter.note)),
    TaskEither.flatMap(({ config, loaded: { train } }) => {
      const { seed } = config.training;
      // The first batch of an epoch: some images in no order.
      const some = Math.min(count, train.count);
      const dataset = isInFiles(train)
        ? inMemory(select(train, epochOrder(seed, 0, train.count).subarray(0, some)))
        : train;
      const [batch] = batches({ dataset, batch: Math.min(some, dataset.count), seed }).epoch(0);
      const options = { ...views === undefined ? {} : { views }, ...zoom === undefined ? {} : { zoom } };
      const drawn = key(seed);
      const png = contactSheet(batch.images, config.augment, drawn, options);
      dispose({ batch, drawn });
      return TaskEither.tryCatch(
        () => Deno.writeFile(path, png),
        (thrown): UnwritableFile => ({ _tag: "UnwritableFile", path, reason: reasonOf(thrown) }),
      );
    }),
    TaskEither.map(() => path),
  );
}
