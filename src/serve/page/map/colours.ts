/**
 * The colours of images, on the map and in the legend.
 *
 * @module
 */
import type { Column } from "../state/collection.ts";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Colours of texts, the most frequent text first. They can be told apart by day and by night. */
const texts: readonly Colour[] = [
  [66, 105, 208],
  [239, 177, 24],
  [255, 114, 92],
  [60, 169, 81],
  [164, 99, 242],
  [108, 197, 176],
  [255, 138, 183],
  [156, 107, 78],
  [151, 187, 245],
  [129, 140, 58],
  [38, 150, 190],
  [196, 64, 122],
  [214, 140, 70],
  [120, 120, 205],
  [90, 190, 120],
  [190, 160, 220],
];

/** What has no value, and what is less frequent than the texts that have a colour. */
export const NONE: Colour = [140, 145, 155];

/** From low to high numbers: viridis (Smith, van der Walt, Firing, 2015), at five places. */
const ramp: readonly Colour[] = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

/** The least and the greatest of the numbers that are numbers. */
export function rangeOf(numbers: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let row = 0; row < numbers.length; row++) {
    if (numbers[row] < low) low = numbers[row];
    if (numbers[row] > high) high = numbers[row];
  }
  return low <= high ? [low, high] : [0, 1];
}

/** The colour of a text by its place. */
export function colourOfText(place: number): Colour {
  return texts[place] ?? NONE;
}

/** How many texts have a colour of their own. */
export const COLOURED: number = texts.length;

/** The colour of a number by its share of the range, 0 to 1. */
export function colourOfShare(share: number): Colour {
  const place = Math.max(0, Math.min(1, share)) * (ramp.length - 1);
  const below = Math.min(Math.floor(place), ramp.length - 2);
  const [a, b] = [ramp[below], ramp[below + 1]];
  const part = place - below;
  const mixed = (channel: 0 | 1 | 2): number => Math.round(a[channel] + part * (b[channel] - a[channel]));
  return [mixed(0), mixed(1), mixed(2)];
}

/** The colour of every row: a function from a row to its colour. */
export function colouring(column: Column | undefined, plain: Colour): (row: number) => Colour {
  if (column === undefined) return () => plain;
  const { numbers, kind } = column;
  if (kind === "text") return (row) => colourOfText(numbers[row]);
  const [low, high] = rangeOf(numbers);
  const steps = Array.from({ length: 256 }, (_, step) => colourOfShare(step / 255));
  return (row) => {
    const share = (numbers[row] - low) / (high - low || 1);
    return Number.isNaN(share) ? NONE : steps[Math.round(255 * share)];
  };
}

/** A colour as CSS. */
export function css([red, green, blue]: Colour): string {
  return `rgb(${red} ${green} ${blue})`;
}
