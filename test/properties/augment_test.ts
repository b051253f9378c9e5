import fc from "fast-check";
import { colorJitter, fromHsv, toHsv } from "../../reference/augment/color_jitter.ts";
import { gaussianBlur } from "../../reference/augment/gaussian_blur.ts";
import { grayscale } from "../../reference/augment/grayscale.ts";
import { horizontalFlip } from "../../reference/augment/horizontal_flip.ts";
import { normalize as referenceNormalize } from "../../reference/augment/normalize.ts";
import { resizedCrop } from "../../reference/augment/resized_crop.ts";
import { solarize } from "../../reference/augment/solarize.ts";
import { applyJitter } from "../../src/augment/color_jitter.ts";
import { applyBlur } from "../../src/augment/gaussian_blur.ts";
import { applyFlip } from "../../src/augment/horizontal_flip.ts";
import { normalize } from "../../src/augment/normalize.ts";
import { applyGrayscale } from "../../src/augment/random_grayscale.ts";
import { applyCrop } from "../../src/augment/random_resized_crop.ts";
import { applySolarize } from "../../src/augment/solarize.ts";
import { recipe } from "../../src/augment/recipe.ts";
import { key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { floats, permutations, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { type Batch, batches, repeat, toTensor, withEach } from "../support/images.ts";

const runs = { numRuns: 60 };

/** A property whose tensors are freed after each run. */
function holds<T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void, numRuns: number = runs.numRuns): void {
  fc.assert(fc.property(arbitrary, (value) => scope(() => law(value))), { numRuns });
}

const bools = (values: readonly boolean[]): Tensor => tf.tensor1d([...values], "bool");

// --- crop ---------------------------------------------------------------------------------------------------------

const part = (size: number) => sizes(1, size).chain((length) => fc.tuple(sizes(0, size - length), fc.constant(length)));

const crops = batches().chain((batch) =>
  fc.record({
    batch: fc.constant(batch),
    rows: repeat(part(batch[0].length), batch.length),
    columns: repeat(part(batch[0][0].length), batch.length),
    height: sizes(1, 9),
    width: sizes(1, 9),
  })
);

function cropDraw(rows: readonly [number, number][], columns: readonly [number, number][]) {
  return {
    top: tf.tensor1d(rows.map(([start]) => start)),
    left: tf.tensor1d(columns.map(([start]) => start)),
    height: tf.tensor1d(rows.map(([, length]) => length)),
    width: tf.tensor1d(columns.map(([, length]) => length)),
  };
}

Deno.test("a crop is its box, cut out and resized as the reference resizes it", () => {
  holds(crops, ({ batch, rows, columns, height, width }) => {
    const expected = batch.map((image, n) => {
      const box = { top: rows[n][0], left: columns[n][0], height: rows[n][1], width: columns[n][1] };
      return resizedCrop(image, box, height, width);
    });
    assertClose(applyCrop(cropDraw(rows, columns), toTensor(batch), height, width), expected, "reduction");
  });
});

Deno.test("a crop sees nothing outside of its box", () => {
  holds(crops, ({ batch, rows, columns, height, width }) => {
    const blackened = batch.map((image, n) =>
      image.map((row, y) => row.map((pixel, x) => isIn(y, rows[n]) && isIn(x, columns[n]) ? pixel : pixel.map(() => 0)))
    );
    const draw = cropDraw(rows, columns);
    assertClose(
      applyCrop(draw, toTensor(blackened), height, width),
      applyCrop(draw, toTensor(batch), height, width),
      "exact",
    );
  });
});

function isIn(index: number, [start, length]: readonly [number, number]): boolean {
  return index >= start && index < start + length;
}

Deno.test("a crop of the whole image at its own size is the image", () => {
  holds(batches(), (batch) => {
    const [height, width] = [batch[0].length, batch[0][0].length];
    const draw = cropDraw(batch.map(() => [0, height]), batch.map(() => [0, width]));
    assertClose(applyCrop(draw, toTensor(batch), height, width), batch, "exact");
  });
});

// --- colour -------------------------------------------------------------------------------------------------------

const kinds = ["brightness", "contrast", "saturation", "hue"] as const;

const adjustments = fc.record({
  brightness: floats(0, 2),
  contrast: floats(0, 2),
  saturation: floats(0, 2),
  hue: floats(-0.5, 0.5),
  order: permutations(4),
});
type Adjustments = { brightness: number; contrast: number; saturation: number; hue: number; order: number[] };

function jitterDraw(each: readonly Adjustments[]) {
  return {
    brightness: tf.tensor1d(each.map(({ brightness }) => brightness)),
    contrast: tf.tensor1d(each.map(({ contrast }) => contrast)),
    saturation: tf.tensor1d(each.map(({ saturation }) => saturation)),
    hue: tf.tensor1d(each.map(({ hue }) => hue)),
    // order[place] = kind, so kind's time is its place.
    times: tf.tensor2d(each.map(({ order }) => kinds.map((_, kind) => order.indexOf(kind) / 8)), [each.length, 4]),
  };
}

function referenceJitter(batch: Batch, each: readonly Adjustments[]): Batch {
  return batch.map((image, n) =>
    colorJitter(image, each[n].order.map((kind) => ({ kind: kinds[kind], value: each[n][kinds[kind]] })))
  );
}

// Hue is a quotient by the chroma, times the chroma: its rounding error is that of a turn (1.5 at most, scaled by 6).
// Later adjustments scale it by up to 2 each.
const hueTolerance = { relative: 1e-5, absolute: 5e-6 };

Deno.test("jitter makes each image's adjustments in that image's order", () => {
  holds(withEach(batches(), adjustments), ([batch, each]) => {
    assertClose(applyJitter(jitterDraw(each), toTensor(batch)), referenceJitter(batch, each), hueTolerance);
  }, 150);
});

Deno.test("jitter without hue is close to the reference as sums are", () => {
  const withoutHue = adjustments.map((all) => ({ ...all, hue: 0 }));
  holds(withEach(batches(), withoutHue), ([batch, each]) => {
    assertClose(applyJitter(jitterDraw(each), toTensor(batch)), referenceJitter(batch, each), "reduction");
  });
});

Deno.test("jitter with factors of 1 and a turn of 0 is the identity", () => {
  const none = permutations(4).map((order) => ({ brightness: 1, contrast: 1, saturation: 1, hue: 0, order }));
  holds(withEach(batches(), none), ([batch, each]) => {
    assertClose(applyJitter(jitterDraw(each), toTensor(batch)), batch, "exact");
  });
});

Deno.test("adjustments of equal times are made in the order brightness, contrast, saturation, hue", () => {
  holds(withEach(batches(), adjustments), ([batch, each]) => {
    const tied = { ...jitterDraw(each), times: tf.fill([batch.length, 4], 0.5) };
    const expected = referenceJitter(batch, each.map((all) => ({ ...all, order: [0, 1, 2, 3] })));
    assertClose(applyJitter(tied, toTensor(batch)), expected, hueTolerance);
  });
});

Deno.test("a turn of hue keeps value and saturation (HSV) and adds to the hue", () => {
  const saturated = fc.record({ hue: floats(0, 0.99), saturation: floats(0.25, 1), value: floats(0.25, 1) });
  holds(fc.tuple(saturated, floats(-0.5, 0.5)), ([{ hue, saturation, value }, turn]) => {
    const pixel = fromHsv(hue, saturation, value);
    const each = [{ brightness: 1, contrast: 1, saturation: 1, hue: turn, order: [0, 1, 2, 3] }];
    const [red, green, blue] = applyJitter(jitterDraw(each), toTensor([[[pixel]]])).dataSync();
    const turned = toHsv(red, green, blue);
    const circle = (h: number) => [Math.cos(2 * Math.PI * h), Math.sin(2 * Math.PI * h)];
    // The hue is a quotient by a chroma of 1/16 and more.
    assertClose(circle(turned[0]), circle(hue + turn), { relative: 0, absolute: 2e-5 });
    assertClose([turned[1], turned[2]], [saturation, value], { relative: 0, absolute: 5e-6 });
  });
});

Deno.test("grayscale turns the chosen images to grey and copies the others exactly", () => {
  holds(withEach(batches(), fc.boolean()), ([batch, chosen]) => {
    const result = tf.unstack(applyGrayscale(tf.tensor1d(chosen.map(Number)), toTensor(batch)));
    batch.forEach((image, n) =>
      assertClose(result[n], chosen[n] ? grayscale(image) : image, chosen[n] ? "elementwise" : "exact", `image ${n}`)
    );
  });
});

Deno.test("solarize inverts values from each image's threshold on", () => {
  holds(withEach(batches(), floats(0, 1)), ([batch, thresholds]) => {
    const expected = batch.map((image, n) => solarize(image, thresholds[n]));
    assertClose(applySolarize(tf.tensor1d(thresholds), toTensor(batch)), expected, "exact");
  });
});

Deno.test("normalize shifts and scales every channel", () => {
  const numbers = (channels: number) => fc.tuple(repeat(floats(0, 1), channels), repeat(floats(0.125, 1), channels));
  holds(
    batches().chain((batch) => fc.tuple(fc.constant(batch), numbers(batch[0][0][0].length))),
    ([batch, [mean, std]]) => {
      const expected = batch.map((image) => referenceNormalize(image, mean, std));
      // x / std - mean / std: the difference of two numbers up to 8.
      assertClose(normalize({ mean, std })(toTensor(batch)), expected, "reduction");
    },
  );
});

// --- geometry -----------------------------------------------------------------------------------------------------

Deno.test("flip mirrors the chosen images and copies the others, exactly", () => {
  holds(withEach(batches(), fc.boolean()), ([batch, chosen]) => {
    const expected = batch.map((image, n) => chosen[n] ? horizontalFlip(image) : image);
    assertClose(applyFlip(bools(chosen), toTensor(batch)), expected, "exact");
  });
});

const blurs = withEach(batches(3), floats(0.0625, 3)).chain(([batch, sigma]) => {
  const radius = Math.min(batch[0].length, batch[0][0].length) - 1;
  return fc.record({ batch: fc.constant(batch), sigma: fc.constant(sigma), radius: sizes(0, radius) });
});

Deno.test("blur is the reference's two-dimensional Gaussian, reflected at the border", () => {
  holds(blurs, ({ batch, sigma, radius }) => {
    const expected = batch.map((image, n) => gaussianBlur(image, sigma[n], 2 * radius + 1));
    assertClose(applyBlur(tf.tensor1d(sigma), toTensor(batch), 2 * radius + 1), expected, "reduction");
  });
});

Deno.test("blur with a sigma of 0, or a tiny one, is the identity", () => {
  holds(blurs, ({ batch, radius }) => {
    for (const sigma of [0, 1e-4, 0.05]) {
      const result = applyBlur(tf.fill([batch.length], sigma), toTensor(batch), 2 * radius + 1);
      assertClose(result, batch, sigma === 0.05 ? "elementwise" : "exact");
    }
  });
});

// --- recipes ------------------------------------------------------------------------------------------------------

Deno.test("a recipe is a pure function of key and images, and every view stays in [0, 1]", () => {
  const inputs = fc.record({
    batch: batches(),
    seed: seeds,
    name: fc.constantFrom("v1", "v2", "v3"),
    size: sizes(4, 9),
  });
  holds(inputs, ({ batch, seed, name, size }) => {
    const channels = batch[0][0][0].length;
    const identity = { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) };
    const augment = recipe({ recipe: name as "v1" | "v2" | "v3", size, view: 2, ...identity });
    const view = augment(key(seed), toTensor(batch));
    assertClose(augment(key(seed), toTensor(batch)), view, "exact");
    assertClose(tf.clipByValue(view, 0, 1), view, { relative: 0, absolute: 1e-6 });
  }, 30);
});
