import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { randomBox } from "../../reference/augment/resized_crop.ts";
import { drawJitter } from "../../src/augment/color_jitter.ts";
import { drawBlur } from "../../src/augment/gaussian_blur.ts";
import { drawFlip } from "../../src/augment/horizontal_flip.ts";
import { drawGrayscale } from "../../src/augment/random_grayscale.ts";
import { type CropDraw, drawCrop } from "../../src/augment/random_resized_crop.ts";
import { drawSolarize } from "../../src/augment/solarize.ts";
import { key } from "../../src/core/random.ts";
import type { Tensor } from "../../src/engine/mod.ts";

// Every key is fixed, so these statistics are too. With 4,000 draws the bounds are about four standard errors.
const count = 4000;

const values = (tensor: Tensor) => [...tensor.dataSync()];
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const centred = (xs: readonly number[]) => {
  const middle = mean(xs);
  return xs.map((x) => x - middle);
};
const deviation = (xs: readonly number[]) => Math.sqrt(mean(centred(xs).map((x) => x * x)));
const correlation = (xs: readonly number[], ys: readonly number[]) => {
  const others = centred(ys);
  return mean(centred(xs).map((x, i) => x * others[i])) / (deviation(xs) * deviation(ys));
};

function assertUniform(xs: readonly number[], min: number, max: number, what: string): void {
  assert(xs.every((x) => x >= min && x <= max), `${what} leaves [${min}, ${max}]`);
  const range = max - min;
  assertAlmostEquals(mean(xs), (min + max) / 2, range * 0.3 * 4 / Math.sqrt(xs.length), `the mean of ${what}`);
  assertAlmostEquals(deviation(xs), range / Math.sqrt(12), range * 0.02, `the deviation of ${what}`);
  assert(Math.abs(correlation(xs.slice(1), xs.slice(0, -1))) < 0.07, `${what} depends on the image before`);
}

function assertShare(xs: readonly number[], probability: number, what: string): void {
  assertAlmostEquals(mean(xs), probability, 4 * Math.sqrt(probability * (1 - probability) / xs.length) + 1e-9, what);
}

/** Numbers in [0, 1), for the reference (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function boxes(draw: CropDraw) {
  return { top: values(draw.top), left: values(draw.left), height: values(draw.height), width: values(draw.width) };
}

for (const [height, width] of [[28, 28], [20, 36]]) {
  Deno.test(`crops of ${height}x${width} images follow torchvision's law`, () => {
    const [scale, ratio] = [[0.2, 1], [3 / 4, 4 / 3]] as const;
    const actual = boxes(drawCrop(key(1), [count, height, width], scale, ratio));
    const random = numbers(1);
    const drawn = Array.from({ length: count }, () => randomBox(height, width, scale, ratio, random));
    for (const side of ["top", "left", "height", "width"] as const) {
      const expected = drawn.map((box) => box[side]);
      const error = deviation(expected) * Math.sqrt(2 / count);
      assertAlmostEquals(mean(actual[side]), mean(expected), 4 * error, `the mean of ${side}`);
      assertAlmostEquals(deviation(actual[side]), deviation(expected), 4 * error, `the deviation of ${side}`);
    }
    const areas = actual.height.map((h, i) => h * actual.width[i]);
    const expected = drawn.map((box) => box.height * box.width);
    assertAlmostEquals(deviation(areas), deviation(expected), 0.06 * deviation(expected), "the deviation of areas");
    for (let i = 0; i < count; i++) {
      const box = { top: actual.top[i], left: actual.left[i], height: actual.height[i], width: actual.width[i] };
      assert(Object.values(box).every(Number.isInteger), `box ${i} is not of whole pixels`);
      assert(box.top >= 0 && box.left >= 0 && box.height > 0 && box.width > 0, `box ${i} is empty or starts outside`);
      assert(box.top + box.height <= height && box.left + box.width <= width, `box ${i} ends outside`);
    }
    // Boxes reach both ends of the image.
    assertEquals(Math.min(...actual.top), 0);
    assertEquals(Math.max(...actual.top.map((top, i) => top + actual.height[i])), height);
    assert(Math.abs(correlation(actual.height.slice(1), actual.height.slice(0, -1))) < 0.07);
  });
}

Deno.test("a crop of scale 1 and ratio 1 takes the whole of a square image", () => {
  for (const size of [1, 2, 7, 28, 32, 224]) {
    const { top, left, height, width } = boxes(drawCrop(key(2), [50, size, size], [1, 1], [1, 1]));
    assert([...top, ...left].every((x) => x === 0));
    assert([...height, ...width].every((x) => x === size));
  }
});

Deno.test("where no box fits, the crop is the largest central one of an allowed ratio", () => {
  const only = (draw: CropDraw) => Object.values(boxes(draw)).map((side) => [...new Set(side)]);
  assertEquals(only(drawCrop(key(3), [20, 10, 40], [1, 1], [3 / 4, 4 / 3])), [[0], [13], [10], [13]]);
  assertEquals(only(drawCrop(key(3), [20, 40, 9], [1, 1], [3 / 4, 4 / 3])), [[14], [0], [12], [9]]);
});

const strengths = { probability: 0.8, brightness: 0.4, contrast: 0.3, saturation: 1.5, hue: 0.1 };

Deno.test("jitter draws uniform factors and turns for the share of images that it changes", () => {
  const draw = drawJitter(key(4), count, strengths);
  const changed = values(draw.hue).map((turn) => turn !== 0);
  assertShare(changed.map(Number), 0.8, "the share of changed images");
  const ranges = { brightness: [0.6, 1.4], contrast: [0.7, 1.3], saturation: [0, 2.5], hue: [-0.1, 0.1] } as const;
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const drawn = values(draw[name as keyof typeof ranges]);
    const kept = name === "hue" ? 0 : 1;
    assert(drawn.every((x, i) => changed[i] || x === kept), `${name} changes an image that stays as it is`);
    // float32 rounds the ends of the range.
    assertUniform(drawn.filter((_, i) => changed[i]).map((x) => Math.min(max, Math.max(min, x))), min, max, name);
    assert(drawn.every((x) => x >= min - 1e-6 && x <= max + 1e-6), `${name} leaves its range`);
  }
  const pairs = [["brightness", "contrast"], ["contrast", "saturation"], ["saturation", "hue"]] as const;
  for (const [a, b] of pairs) {
    const kept = (name: "brightness" | "contrast" | "saturation" | "hue") =>
      values(draw[name]).filter((_, i) => changed[i]);
    assert(Math.abs(correlation(kept(a), kept(b))) < 0.07, `${a} and ${b} depend on each other`);
  }
});

Deno.test("every one of the 24 orders of jitter is as likely", () => {
  const times = drawJitter(key(5), count, strengths).times.arraySync() as number[][];
  const tally = new Map<string, number>();
  for (const row of times) {
    const order = [0, 1, 2, 3].sort((a, b) => row[a] - row[b]).join("");
    tally.set(order, (tally.get(order) ?? 0) + 1);
  }
  assertEquals(tally.size, 24);
  const chiSquare = [...tally.values()].reduce((sum, n) => sum + (n - count / 24) ** 2 / (count / 24), 0);
  assert(chiSquare < 49.7, `chi-square ${chiSquare} with 23 degrees of freedom`); // p = 0.001
});

Deno.test("jitter of strength 0 draws factors of 1 and turns of 0", () => {
  const draw = drawJitter(key(6), 100, { probability: 1, brightness: 0, contrast: 0, saturation: 0, hue: 0 });
  for (const factor of [draw.brightness, draw.contrast, draw.saturation]) assert(values(factor).every((x) => x === 1));
  assert(values(draw.hue).every((x) => x === 0));
});

Deno.test("blur draws a uniform sigma for the share of images that it blurs", () => {
  const sigma = values(drawBlur(key(7), count, 0.5, [0.1, 2]));
  assertShare(sigma.map((x) => Number(x > 0)), 0.5, "the share of blurred images");
  assertUniform(sigma.filter((x) => x > 0), 0.1 - 1e-6, 2, "sigma");
});

const chances: Readonly<Record<string, (seed: number, probability: number) => readonly number[]>> = {
  flip: (seed, probability) => values(drawFlip(key(seed), count, probability)).map(Number),
  grayscale: (seed, probability) => values(drawGrayscale(key(seed), count, probability)),
  blur: (seed, probability) => values(drawBlur(key(seed), count, probability, [1, 2])).map((x) => Number(x > 0)),
  solarize: (seed, probability) =>
    values(drawSolarize(key(seed), count, probability, 0.5)).map((threshold) => Number(threshold === 0.5)),
  jitter: (seed, probability) =>
    values(drawJitter(key(seed), count, { ...strengths, probability }).hue).map((x) => Number(x !== 0)),
};

for (const [name, chosen] of Object.entries(chances)) {
  Deno.test(`${name} chooses images at its probability, none at 0, all at 1, each image for itself`, () => {
    for (const probability of [0.2, 0.5]) {
      const drawn = chosen(8, probability);
      assertShare(drawn, probability, `the share at ${probability}`);
      assert(Math.abs(correlation(drawn.slice(1), drawn.slice(0, -1))) < 0.07, "images depend on their neighbours");
      assertEquals(chosen(8, probability), drawn);
      assertNotEquals(chosen(9, probability), drawn);
    }
    assertEquals(mean(chosen(8, 0)), 0);
    assertEquals(mean(chosen(8, 1)), 1);
  });
}

Deno.test("the same key draws the same crops and jitter, another key others", () => {
  const crop = (seed: number) => boxes(drawCrop(key(seed), [20, 32, 32], [0.2, 1], [3 / 4, 4 / 3]));
  const jitter = (seed: number) => Object.values(drawJitter(key(seed), 20, strengths)).map(values);
  assertEquals(crop(1), crop(1));
  assertNotEquals(crop(1), crop(2));
  assertEquals(jitter(1), jitter(1));
  assertNotEquals(jitter(1), jitter(2));
});
