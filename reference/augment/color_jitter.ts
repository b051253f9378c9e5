/**
 * Colour jitter, in float64: torchvision's adjustments of brightness, contrast, saturation and hue, one after the
 * other.
 *
 * Source: arXiv:1911.05722, section 3.3.
 *
 * @module
 */
import { greyOf, type Image } from "./image.ts";

/** The adjustments, in the order in which they are made. */
export type Adjustment = { readonly kind: "brightness" | "contrast" | "saturation" | "hue"; readonly value: number };

/** The adjustments made. An image of one channel has no saturation and no hue to adjust. */
export function colorJitter(image: Image, adjustments: readonly Adjustment[]): number[][][] {
  let result = image.map((row) => row.map((pixel) => [...pixel]));
  for (const { kind, value } of adjustments) {
    if (image[0][0].length === 1 && (kind === "saturation" || kind === "hue")) continue;
    if (kind === "brightness") result = eachPixel(result, (pixel) => pixel.map((x) => clip(value * x)));
    if (kind === "contrast") {
      const mean = meanGrey(result);
      result = eachPixel(result, (pixel) => pixel.map((x) => clip(value * x + (1 - value) * mean)));
    }
    if (kind === "saturation") {
      result = eachPixel(result, (pixel) => pixel.map((x) => clip(value * x + (1 - value) * greyOf(pixel))));
    }
    if (kind === "hue") {
      result = eachPixel(result, ([red, green, blue]) => {
        const [hue, saturation, brightness] = toHsv(red, green, blue);
        return fromHsv(hue + value, saturation, brightness);
      });
    }
  }
  return result;
}

function eachPixel(image: Image, f: (pixel: readonly number[]) => number[]): number[][][] {
  return image.map((row) => row.map(f));
}

function clip(x: number): number {
  return Math.min(1, Math.max(0, x));
}

function meanGrey(image: Image): number {
  let sum = 0;
  for (const row of image) for (const pixel of row) sum += greyOf(pixel);
  return sum / (image.length * image[0].length);
}

/** Hue in turns [0, 1), saturation and value in [0, 1]. */
export function toHsv(red: number, green: number, blue: number): [hue: number, saturation: number, value: number] {
  const value = Math.max(red, green, blue);
  const chroma = value - Math.min(red, green, blue);
  if (chroma === 0) return [0, 0, value];
  let sector: number;
  if (value === red) sector = (green - blue) / chroma;
  else if (value === green) sector = 2 + (blue - red) / chroma;
  else sector = 4 + (red - green) / chroma;
  return [wrap(sector / 6), chroma / value, value];
}

/** The six sectors of the colour wheel; `hue` in turns, any number. */
export function fromHsv(hue: number, saturation: number, value: number): number[] {
  const sector = wrap(hue) * 6;
  const whole = Math.floor(sector);
  const rest = sector - whole;
  const low = value * (1 - saturation);
  const falling = value * (1 - saturation * rest);
  const rising = value * (1 - saturation * (1 - rest));
  switch (whole % 6) {
    case 0:
      return [value, rising, low];
    case 1:
      return [falling, value, low];
    case 2:
      return [low, value, rising];
    case 3:
      return [low, falling, value];
    case 4:
      return [rising, low, value];
    default:
      return [value, low, falling];
  }
}

function wrap(turns: number): number {
  return turns - Math.floor(turns);
}
