/**
 * What commands say, where there is one of something, or none.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { mapFindings } from "../../src/run/draw_map.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { renderContents, renderStatistics } from "../../src/run/inspect_text.ts";
import { outlierFindings } from "../../src/run/outliers.ts";
import { statistics } from "../../src/run/statistics.ts";
import type { CollectionImage } from "../../src/search/collection/types.ts";

const image: CollectionImage = {
  ...{ id: 1, source: 1, path: "a.png", digest: "", width: 1, height: 1, bytes: 1, modified: 0 },
  split: "train",
  ...{ tags: [], columns: {} },
};

Deno.test("one of something is not called several", () => {
  const tensor = { name: "w", dtype: "F32", shape: [2], bytes: 8 } as const;
  assertMatch(renderContents({ file: "x", metadata: {}, tensors: [tensor] }), /^x: 1 tensor, 8 B\n/);
  const places = Array.from({ length: 1200 }, () => ({ image, x: 0, y: 0 }));
  assertEquals(
    mapFindings({ vectors: "run", isNew: false, placed: 1, places }).note,
    "1 image was placed on the map that is there, which has 1,200 now. --again draws a new one.",
  );
  assertMatch(outlierFindings([{ image, distance: 1, nearest: image }]).note, /^Found 1 image, /);
  assertEquals(
    [
      renderRunError({ _tag: "TooFewImages", data: "photos", count: 1, batch: 8, others: false }),
      renderRunError({ _tag: "TooFewVectors", path: "photos.moco", least: 1, found: 0 }),
    ],
    [
      "Cannot train on photos: expected at least one batch of 8 images, found 1 image. Lower --batch (and --queue with it).",
      "Cannot use photos.moco: expected 1 image with vectors or more, found 0",
    ],
  );
});

Deno.test("the statistics of a tensor without a finite number are dashes", () => {
  const data = new Uint8Array(Float32Array.of(NaN, Infinity).buffer);
  const stored = { name: "w", dtype: "F32", shape: [2], data } as const;
  const tensor = { ...stored, bytes: 8, statistics: statistics(stored) };
  assertMatch(renderStatistics({ file: "x", metadata: {}, tensors: [tensor] }), /\nw +F32 +\[2\] +– +– +– +– +2$/);
});
