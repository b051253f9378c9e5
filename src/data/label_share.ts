import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { below, halves, words } from "./philox.ts";

/** Sets these draws apart from those of an epoch's order, which have the same seed. */
const STREAM = 0x4c414245;

/**
 * A share of the images of each class, drawn by a seed, and at least one image of each. A larger share of the same seed
 * contains a smaller one.
 *
 * @param labels The class of each image.
 * @param share The share, in (0, 1].
 * @param seed Determines the draw.
 * @returns The places of the images, in ascending order.
 * @throws {RangeError} if the share is outside (0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shareOfEachClass } from "./label_share.ts";
 *
 * const labels = [0, 0, 0, 0, 1];
 * const rows = shareOfEachClass(labels, 0.5, 0);
 * assertEquals(rows.map((row) => labels[row]), [0, 0, 1]);
 * ```
 */
export function shareOfEachClass(labels: ArrayLike<number>, share: number, seed: number): readonly number[] {
  checkNumbers("take a share of the labels", { share: [share, { ...aboveZero, max: 1 }] });
  const rowsOf = Map.groupBy(Array.from({ length: labels.length }, (_, row) => row), (row) => labels[row]);
  const chosen = [...rowsOf].flatMap(([label, rows]) => {
    const wanted = Math.max(1, Math.round(share * rows.length));
    const draw = words(halves(seed), [STREAM, label >>> 0, 0]);
    // The first places of a Fisher-Yates shuffle, so that more places only add images.
    for (let place = 0; place < wanted; place++) {
      const other = place + below(rows.length - place, draw);
      [rows[place], rows[other]] = [rows[other], rows[place]];
    }
    return rows.slice(0, wanted);
  });
  return chosen.toSorted((a, b) => a - b);
}
