import { isFiltered, mask } from "../state/filters.ts";
import { isDark } from "../state/theme.ts";
import type { Colour } from "./colours.ts";

/** How opaque a point is: alone, among those that are left out, and of those that are left out. Of 255. */
const OPACITY = { usual: 190, kept: 230, leftOut: 14 };

/** The colour of images and density where no column colours them. */
export function plainColour(): Colour {
  return isDark() ? [130, 177, 255] : [31, 95, 191];
}

/** Each point's colour and opacity, four bytes a point. */
export function pointColours(colours: (row: number) => Colour): Uint8Array {
  const [shown, level] = [mask.value, isDark() ? 255 : 0];
  const opacity = isFiltered.value ? OPACITY.kept : OPACITY.usual;
  const bytes = new Uint8Array(4 * shown.length);
  for (let row = 0; row < shown.length; row++) {
    const isShown = shown[row] === 1;
    const own = isShown ? colours(row) : undefined;
    bytes[4 * row] = own?.[0] ?? level;
    bytes[4 * row + 1] = own?.[1] ?? level;
    bytes[4 * row + 2] = own?.[2] ?? level;
    bytes[4 * row + 3] = isShown ? opacity : OPACITY.leftOut;
  }
  return bytes;
}
