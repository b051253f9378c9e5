import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { colorJitter as referenceJitter } from "../../reference/augment/color_jitter.ts";
import { grayscale } from "../../reference/augment/grayscale.ts";
import { colorJitter } from "../../src/augment/color_jitter.ts";
import { compose } from "../../src/augment/compose.ts";
import { contactSheet } from "../../src/augment/contact_sheet.ts";
import { defaultBlurKernel, gaussianBlur } from "../../src/augment/gaussian_blur.ts";
import { horizontalFlip } from "../../src/augment/horizontal_flip.ts";
import { normalize } from "../../src/augment/normalize.ts";
import { randomGrayscale } from "../../src/augment/random_grayscale.ts";
import { randomResizedCrop } from "../../src/augment/random_resized_crop.ts";
import { plainView, recipe, recipeNumbers, type RecipeOptions, views } from "../../src/augment/recipe.ts";
import { randomSolarize } from "../../src/augment/solarize.ts";
import { oneView, twoViews } from "../../src/augment/two_views.ts";
import type { Augmentation } from "../../src/augment/types.ts";
import { key, split } from "../../src/core/random.ts";
import { liveTensors, scope } from "../../src/core/scope.ts";
import { EngineError, fromBytes, jit, readBytes, type Tensor, tf } from "../../src/engine/mod.ts";
import { encodePng } from "../../src/engine/ops/image.ts";
import { decodePng } from "../support/decoded.ts";
import { assertClose } from "../support/close.ts";
import { pattern, toTensor } from "../support/images.ts";

const raw = { mean: [0, 0, 0], std: [1, 1, 1] };

/** A recipe that does nothing but what is switched on. */
const still: RecipeOptions = {
  recipe: "v2",
  size: 6,
  cropScale: [1, 1],
  cropRatio: [1, 1],
  jitterProbability: 0,
  grayscaleProbability: 0,
  blurProbability: 0,
  solarizeProbability: 0,
  flipProbability: 0,
  ...raw,
};

// --- what each does, and does not do ------------------------------------------------------------------------------

const never: Readonly<Record<string, Augmentation>> = {
  "a crop of scale 1 at the image's size": randomResizedCrop({ size: 6, scale: [1, 1], ratio: [1, 1] }),
  "jitter of probability 0": colorJitter({ probability: 0 }),
  "jitter of strength 0": colorJitter({ probability: 1, brightness: 0, contrast: 0, saturation: 0, hue: 0 }),
  "grayscale of probability 0": randomGrayscale({ probability: 0 }),
  "blur of probability 0": gaussianBlur({ probability: 0 }),
  "flip of probability 0": horizontalFlip({ probability: 0 }),
  "solarize of probability 0": randomSolarize({ probability: 0 }),
  "a composition of nothing": compose(),
};

for (const [name, augment] of Object.entries(never)) {
  Deno.test(`${name} copies every image exactly`, () => {
    for (const channels of [1, 3]) {
      const images = pattern(5, 6, 6, channels);
      assertClose(augment(key(1), toTensor(images)), toTensor(images), "exact");
    }
  });
}

Deno.test("saturation, hue and grayscale leave images of one channel as they are", () => {
  const images = toTensor(pattern(5, 6, 4, 1));
  const jitter = colorJitter({ probability: 1, brightness: 0, contrast: 0, saturation: 1, hue: 0.5 });
  assertClose(jitter(key(1), images), images, "exact");
  assertClose(randomGrayscale({ probability: 1 })(key(1), images), images, "exact");
});

Deno.test("two successive flips of probability 1 are the identity, at odd widths too", () => {
  for (const width of [1, 4, 5]) {
    const images = toTensor(pattern(2, 3, width, 3));
    const twice = compose(horizontalFlip({ probability: 1 }), horizontalFlip({ probability: 1 }));
    assertClose(twice(key(1), images), images, "exact");
  }
});

Deno.test("blur keeps a constant image, and its default kernel is a tenth of the shorter side", () => {
  const constant = tf.fill([3, 5, 9, 3], 0.7);
  assertClose(gaussianBlur({ probability: 1 })(key(1), constant), constant, "elementwise");
  assertEquals([1, 2, 8, 28, 32, 64, 96, 224].map(defaultBlurKernel), [1, 3, 3, 3, 3, 7, 9, 23]);
});

Deno.test("a composition gives each augmentation a key of its own", () => {
  const images = toTensor(pattern(8, 6, 6, 3));
  const jitter = colorJitter({ probability: 1 });
  const flip = horizontalFlip();
  const [first, second, third] = split(key(3), 3);
  assertClose(
    compose(flip, jitter, jitter)(key(3), images),
    jitter(third, jitter(second, flip(first, images))),
    "exact",
  );
});

// --- recipes ------------------------------------------------------------------------------------------------------

Deno.test("the recipes have the published numbers", () => {
  const common = {
    cropScale: [0.2, 1],
    cropRatio: [3 / 4, 4 / 3],
    blurSigma: [0.1, 2],
    grayscaleProbability: 0.2,
    flipProbability: 0.5,
  };
  const numbers = (recipe: RecipeOptions["recipe"], view: 1 | 2 = 1) => recipeNumbers({ recipe, view, size: 28 });
  const jitter = (jitterProbability: number, saturation: number, hue: number) => ({
    jitterProbability,
    brightness: 0.4,
    contrast: 0.4,
    saturation,
    hue,
  });
  assertEquals<unknown>(numbers("v1"), {
    ...common,
    ...jitter(1, 0.4, 0.4),
    blurProbability: 0,
    solarizeProbability: 0,
  });
  assertEquals<unknown>(numbers("v2"), {
    ...common,
    ...jitter(0.8, 0.4, 0.1),
    blurProbability: 0.5,
    solarizeProbability: 0,
  });
  assertEquals(numbers("v2", 2), numbers("v2"));
  assertEquals<unknown>(numbers("v3"), {
    ...common,
    ...jitter(0.8, 0.2, 0.1),
    blurProbability: 1,
    solarizeProbability: 0,
  });
  assertEquals<unknown>(numbers("v3", 2), {
    ...common,
    ...jitter(0.8, 0.2, 0.1),
    blurProbability: 0.1,
    solarizeProbability: 0.2,
  });
  assertEquals<unknown>(numbers("supervised", 2), {
    ...common,
    ...jitter(0, 0.4, 0.4), // never drawn
    cropScale: [0.08, 1],
    grayscaleProbability: 0,
    blurProbability: 0,
    solarizeProbability: 0,
  });
  assertEquals(recipeNumbers({ recipe: "v2", size: 28, hue: 0.3, cropScale: [0.5, 1] }), {
    ...numbers("v2"),
    hue: 0.3,
    cropScale: [0.5, 1],
  });
});

Deno.test("a recipe is its augmentations, one after another in the published order, with or without the crop", () => {
  const images = toTensor(pattern(64, 7, 6, 3));
  const crop = (from: number) => randomResizedCrop({ size: 5, scale: [from, 1], ratio: [3 / 4, 4 / 3] });
  const jitter = (probability: number, saturation: number, hue: number) =>
    colorJitter({ probability, brightness: 0.4, contrast: 0.4, saturation, hue });
  const grey = randomGrayscale({ probability: 0.2 });
  const blur = (probability: number) => gaussianBlur({ probability, sigma: [0.1, 2] });
  const solarize = randomSolarize({ probability: 0.2, threshold: 0.5 });
  const flip = horizontalFlip({ probability: 0.5 });
  const orders: readonly (readonly [RecipeOptions["recipe"], 1 | 2, Augmentation, readonly Augmentation[]])[] = [
    ["v1", 1, crop(0.2), [grey, jitter(1, 0.4, 0.4), flip]],
    ["v2", 2, crop(0.2), [jitter(0.8, 0.4, 0.1), grey, blur(0.5), flip]],
    ["v3", 1, crop(0.2), [jitter(0.8, 0.2, 0.1), grey, blur(1), flip]],
    ["v3", 2, crop(0.2), [jitter(0.8, 0.2, 0.1), grey, blur(0.1), solarize, flip]],
    ["supervised", 1, crop(0.08), [flip]],
  ];
  for (const [name, view, first, others] of orders) {
    const options = { recipe: name, view, size: 5, ...raw } as const;
    assertClose(recipe(options)(key(1), images), compose(first, ...others)(key(1), images), "exact", name);
    assertClose(recipe({ ...options, crop: false })(key(1), images), compose(...others)(key(1), images), "exact", name);
  }
});

Deno.test("an augmentation by itself has MoCo v2's numbers", () => {
  const images = toTensor(pattern(64, 7, 6, 3));
  const jitter = { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
  const crop = { size: 5, scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
  const pairs: readonly (readonly [Augmentation, Augmentation])[] = [
    [colorJitter(), colorJitter(jitter)],
    [randomGrayscale(), randomGrayscale({ probability: 0.2 })],
    [gaussianBlur(), gaussianBlur({ probability: 0.5, sigma: [0.1, 2], kernel: defaultBlurKernel(6) })],
    [randomSolarize(), randomSolarize({ probability: 0.2, threshold: 0.5 })],
    [horizontalFlip(), horizontalFlip({ probability: 0.5 })],
    [randomResizedCrop({ size: 5 }), randomResizedCrop(crop)],
  ];
  for (const [usual, published] of pairs) assertClose(usual(key(1), images), published(key(1), images), "exact");
});

Deno.test("v1 turns to grey before jitter, v2 after it", () => {
  const images = pattern(4, 6, 6, 3);
  const options = {
    ...still,
    grayscaleProbability: 1,
    jitterProbability: 1,
    brightness: 0,
    contrast: 0,
    saturation: 0,
    hue: 0.5,
  };
  // Hue does nothing to a grey image, so v1 gives the grey of the image itself, and v2 that of one with other colours.
  const grey = images.map(grayscale);
  assertClose(recipe({ ...options, recipe: "v1" })(key(1), toTensor(images)), grey, "reduction");
  const later = recipe({ ...options, recipe: "v2" })(key(1), toTensor(images));
  assert(tf.max(tf.abs(tf.sub(later, toTensor(grey)))).dataSync()[0] > 0.05);
  assertClose(tf.max(later, 3), tf.min(later, 3), "elementwise");
});

Deno.test("a recipe refuses a probability that is none, also one that would be left out", () => {
  const names = ["jitter", "grayscale", "blur", "solarize", "flip"].map((name) => `${name}Probability`);
  for (const name of names) {
    for (const probability of [-0.1, 1.1, NaN]) {
      assertThrows(
        () => recipe({ recipe: "v1", size: 4, [name]: probability }),
        RangeError,
        `expected probability to be a number in [0, 1], found ${probability}`,
      );
    }
  }
});

Deno.test("a recipe's numbers reach their augmentations", () => {
  const images = pattern(3, 6, 6, 3);
  const run = (options: Partial<RecipeOptions>) => recipe({ ...still, ...options })(key(1), toTensor(images));
  assertClose(run({}), toTensor(images), "exact");
  assertClose(run({ flipProbability: 1 }), tf.reverse(toTensor(images), 2), "exact");
  assertClose(run({ grayscaleProbability: 1 }), images.map(grayscale), "elementwise");
  assertClose(
    run({ solarizeProbability: 1 }),
    randomSolarize({ probability: 1 })(key(1), toTensor(images)),
    "exact",
  );
  const blurred = run({ blurProbability: 1, blurSigma: [1, 1], blurKernel: 5 });
  assertClose(blurred, gaussianBlur({ probability: 1, sigma: [1, 1], kernel: 5 })(key(1), toTensor(images)), "exact");
  assertNotEquals(run({ blurProbability: 1, blurSigma: [1, 1], blurKernel: 3 }).dataSync(), blurred.dataSync());
  // No factor takes these values out of [0, 1].
  const middling = images.map((image) => image.map((row) => row.map((pixel) => pixel.map((x) => 0.3 + 0.3 * x))));
  for (const kind of ["brightness", "contrast", "saturation", "hue"] as const) {
    const none = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };
    const options = { ...still, jitterProbability: 1, ...none, [kind]: 0.5 };
    const changed = recipe(options)(key(1), toTensor(middling));
    // Whatever the factor, brightness scales, contrast keeps the mean of grey, saturation keeps grey, hue keeps the
    // value.
    const image = changed.arraySync() as number[][][][];
    const kept = { brightness: ratioOfMeans, contrast: meanOfGrey, saturation: greyOfPixel, hue: valueOfPixel }[kind];
    assert(image.flat(3).every((x) => x > 0 && x < 1), kind);
    assertClose(kept(image[0]), kept(middling[0]), "reduction", kind);
    assertNotEquals(changed.dataSync(), toTensor(middling).dataSync(), kind);
  }
  assertNotEquals(run({ cropScale: [0.25, 0.25] }).dataSync(), run({}).dataSync());
  assertClose(
    run({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }),
    tf.sub(tf.mul(toTensor(images), 2), 1),
    "reduction",
  );
});

const meanOver = (image: number[][][], f: (pixel: number[]) => number) => {
  const pixels = image.flat();
  return pixels.reduce((sum, pixel) => sum + f(pixel), 0) / pixels.length;
};
const ratioOfMeans = (image: number[][][]) => meanOver(image, (p) => p[0]) / meanOver(image, (p) => p[1]);
const grey = ([red, green, blue]: number[]) => 0.299 * red + 0.587 * green + 0.114 * blue;
const meanOfGrey = (image: number[][][]) => meanOver(image, grey);
const greyOfPixel = (image: number[][][]) => grey(image[1][2]);
const valueOfPixel = (image: number[][][]) => Math.max(...image[1][2]);

Deno.test("a recipe takes uint8 images as it takes float images of the same values", () => {
  const bytes = Uint8Array.from({ length: 3 * 7 * 5 * 3 }, (_, i) => (i * 89) % 256);
  const floats = tf.tensor4d(Array.from(bytes, (byte) => byte / 255), [3, 7, 5, 3]);
  for (const name of ["v1", "v2", "v3"] as const) {
    const augment = recipe({ recipe: name, size: 6 });
    const fromFloats = augment(key(4), floats);
    // Divided by a channel's standard deviation of 0.225, the rounding of the input shows more.
    assertClose(augment(key(4), fromBytes(bytes, [3, 7, 5, 3])), fromFloats, { relative: 1e-5, absolute: 2e-5 });
  }
});

Deno.test("a compiled recipe is the recipe, and leaves no tensor behind", () => {
  const images = toTensor(pattern(4, 9, 7, 3));
  for (const name of ["v1", "v2", "v3"] as const) {
    const augment = recipe({ recipe: name, size: 6, view: 2 });
    const compiled = jit(augment);
    compiled(key(5), images);
    const before = liveTensors();
    const [eager, traced] = [augment(key(5), images), compiled(key(5), images)];
    assertEquals(liveTensors() - before, 4); // two results and two keys
    // The optimizer folds constants and reorders sums.
    assertClose(traced, eager, { relative: 1e-5, absolute: 2e-5 });
  }
});

Deno.test("two views are two draws of the recipe, of which v3's second one differs", () => {
  const images = toTensor(pattern(6, 6, 6, 3));
  const options = { ...still, flipProbability: undefined, cropScale: undefined, jitterProbability: undefined };
  const { query, key: other } = twoViews(options)(key(6), images);
  const [first, second] = split(key(6), 2);
  assertClose(query, recipe(options)(first, images), "exact");
  assertClose(other, recipe(options)(second, images), "exact");
  assertNotEquals(query.dataSync(), other.dataSync());

  const v3 = twoViews({ ...still, recipe: "v3", blurProbability: undefined, blurSigma: [2, 2] })(key(6), images);
  const roughness = (x: Tensor) =>
    tf.mean(tf.abs(tf.sub(tf.slice(x, [0, 0, 1]), tf.slice(x, [0, 0, 0], [6, 6, 5, 3])))).dataSync()[0];
  assert(roughness(v3.query) < 0.7 * roughness(v3.key)); // blur of probability 1 against 0.1
});

Deno.test("of two crops of each image each becomes a view, and a single view is made of the first", () => {
  const options = { recipe: "v3", size: 6, ...raw } as const;
  const crops = { query: toTensor(pattern(6, 6, 6, 3)), key: tf.sub(1, toTensor(pattern(6, 6, 6, 3))) };
  const [first, second] = split(key(6), 2);
  const uncropped = (view: 1 | 2) => recipe({ ...options, view, crop: false });
  const two = twoViews(options)(key(6), crops);
  assertClose(two.query, uncropped(1)(first, crops.query), "exact");
  assertClose(two.key, uncropped(2)(second, crops.key), "exact");
  for (
    const [given, expected] of [
      [crops, uncropped(1)(key(6), crops.query)],
      [crops.key, recipe(options)(key(6), crops.key)],
    ] as const
  ) {
    const one = oneView(options)(key(6), given);
    assertClose(one.query, expected, "exact");
    assertClose(one.key, expected, "exact");
  }
});

Deno.test("a plain view is the image resized whole and normalised", () => {
  const images = pattern(2, 6, 6, 1);
  assertClose(plainView({ size: 6, mean: [0], std: [1] })(toTensor(images)), toTensor(images), "exact");
  // Half the size: the triangle of half-width 2 weighs 4 pixels by 1/8, 3/8, 3/8, 1/8, cut off and scaled up at a
  // border.
  const line = tf.tensor4d([0, 1, 0, 0, 0, 0], [1, 1, 6, 1]);
  assertClose(
    tf.slice(plainView({ size: 3, mean: [0], std: [1] })(line), 0, 1),
    tf.tile(tf.tensor4d([3 / 7, 1 / 8, 0], [1, 1, 3, 1]), [1, 3, 1, 1]),
    "reduction",
  );
});

Deno.test("normalisation defaults to ImageNet's numbers, and to those of its grey for one channel", () => {
  const color = normalize()(tf.tensor4d([0.485, 0.456, 0.406, 0.714, 0.68, 0.631], [1, 1, 2, 3]));
  assertClose(color.dataSync(), [0, 0, 0, 1, 1, 1], { relative: 0, absolute: 1e-6 });
  const grey = normalize()(tf.tensor4d([0.458971, 0.458971 + 0.225609], [1, 1, 2, 1]));
  assertClose(grey.dataSync(), [0, 1], { relative: 0, absolute: 1e-5 });
});

Deno.test("the reference's jitter, by hand: contrast 0 gives the mean of grey, saturation 0 the grey", () => {
  const image = [[[1, 0, 0], [0, 0, 1]]];
  assertClose(referenceJitter(image, [{ kind: "contrast", value: 0 }]), [[[0.2065, 0.2065, 0.2065], [
    0.2065,
    0.2065,
    0.2065,
  ]]], "elementwise");
  assertClose(referenceJitter(image, [{ kind: "saturation", value: 0 }]), [[[0.299, 0.299, 0.299], [
    0.114,
    0.114,
    0.114,
  ]]], "elementwise");
  assertClose(referenceJitter(image, [{ kind: "hue", value: 1 / 3 }]), [[[0, 1, 0], [1, 0, 0]]], "elementwise");
});

// --- messages -----------------------------------------------------------------------------------------------------

Deno.test("what cannot be done is refused by name", () => {
  const images = tf.zeros([2, 4, 4, 3]);
  const refusals: readonly [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => randomResizedCrop({ size: 0 }), RangeError, "expected height to be a whole number of at least 1, found 0"],
    [
      () => randomResizedCrop({ size: 4, scale: [0.5, 1.5] }),
      RangeError,
      "expected the greatest scale to be a number in [0.5, 1], found 1.5",
    ],
    [
      () => randomResizedCrop({ size: 4, ratio: [2, 1] }),
      RangeError,
      "expected the greatest ratio to be a number of at least 2, found 1",
    ],
    [() => randomResizedCrop({ size: 4 })(key(0), tf.zeros([4, 4, 3])), TypeError, "found [4, 4, 3]"],
    [() => colorJitter({ hue: 0.6 }), RangeError, "expected hue to be a number in [0, 0.5], found 0.6"],
    [() => colorJitter({ contrast: -1 }), RangeError, "expected contrast to be a number of at least 0, found -1"],
    [() => colorJitter()(key(0), tf.zeros([2, 4, 4, 4])), TypeError, "expected 1 or 3 channels, found 4"],
    [() => randomGrayscale({ probability: 2 }), RangeError, "expected probability to be a number in [0, 1], found 2"],
    [() => gaussianBlur({ kernel: 4 }), RangeError, "expected an odd number of taps, found 4"],
    [
      () => gaussianBlur({ sigma: [0, 1] }),
      RangeError,
      "expected the least sigma to be a number greater than 0, found 0",
    ],
    [() => gaussianBlur({ kernel: 9 })(key(0), images), RangeError, "at most 7 taps, found 9"],
    [() => normalize({ std: [1, 0, 1] }), RangeError, "expected a std to be a number greater than 0, found 0"],
    [() => normalize({ mean: [0.5] })(images), TypeError, "a mean for each of 3 channels, found 1"],
    [
      () => contactSheet(images, still, key(0), { views: 0 }),
      RangeError,
      "expected views to be a whole number of at least 1, found 0",
    ],
  ];
  for (const [attempt, type, message] of refusals) assertThrows(attempt, type, message);
});

// --- pictures -----------------------------------------------------------------------------------------------------

Deno.test("a PNG holds the pixels, for 1 and 3 channels", () => {
  for (const channels of [1, 3] as const) {
    const bytes = Uint8Array.from({ length: 5 * 7 * channels }, (_, i) => (i * 37) % 256);
    const decoded = decodePng(encodePng(fromBytes(bytes, [5, 7, channels])));
    assertEquals(decoded.shape, [5, 7, channels]);
    assertEquals(readBytes(decoded), bytes);
  }
});

Deno.test("bytes that are no image are refused, and leave no tensor behind", () => {
  const before = liveTensors();
  assertThrows(() => decodePng(new TextEncoder().encode("not an image")), EngineError);
  assertEquals(liveTensors(), before);
});

Deno.test("a contact sheet has a row for each image: the image, then its views", () => {
  const images = pattern(2, 6, 6, 3);
  const before = liveTensors();
  const source = toTensor(images);
  const png = contactSheet(source, { ...still, flipProbability: 1 }, key(1), { views: 3, zoom: 2 });
  assertEquals(liveTensors() - before, 2); // the images and the key
  const sheet = decodePng(png);
  // Tiles of 12 pixels with 4 between and around them.
  assertEquals(sheet.shape, [2 * 16 + 4, 4 * 16 + 4, 3]);
  const pixels = sheet.arraySync() as unknown as number[][][];
  const shown = (n: number, column: number, y: number, x: number) =>
    pixels[4 + n * 16 + 2 * y][4 + column * 16 + 2 * x];
  for (let n = 0; n < 2; n++) {
    for (const [y, x] of [[0, 0], [5, 3], [2, 5]]) {
      const expected = (column: number) => images[n][y][column].map((value) => Math.round(value * 255));
      assertEquals(shown(n, 0, y, x), expected(x));
      assertEquals(shown(n, 2, y, x), expected(5 - x));
    }
    assertEquals(pixels[4 + n * 16 + 1][5], pixels[4 + n * 16][4]); // a pixel takes 2x2
  }
  assertEquals(pixels[0][20], [255, 255, 255]);
  assertEquals(pixels[10][16], [255, 255, 255]);
});

Deno.test("a contact sheet alternates between the two views where they differ", () => {
  const source = toTensor(pattern(1, 6, 6, 1));
  // Of these views, only the second one of v3 does anything, and it inverts bright pixels.
  const options = { ...still, recipe: "v3", solarizeProbability: undefined } as const;
  const sheet = decodePng(contactSheet(tf.onesLike(source), options, key(1), { views: 40, zoom: 1 }));
  const centres = Array.from(
    { length: 40 },
    (_, view) => (sheet.arraySync() as number[][][])[7][4 + 10 * (view + 1) + 3][0],
  );
  const inverted = centres.map((value) => value === 0);
  assert(inverted.every((x, view) => !x || view % 2 === 1));
  assert(inverted.some((x) => x));
});

Deno.test("views are recipes without normalisation", () => {
  const images = toTensor(pattern(3, 8, 8, 3));
  const options = { recipe: "v2", size: 6 } as const;
  assertClose(scope(() => normalize()(views(options)(key(2), images))), recipe(options)(key(2), images), "exact");
});

Deno.test("evaluation may see the middle of an image alone", () => {
  const seen = (crop: number | undefined, size: number) =>
    scope(() => {
      const images = tf.tensor4d(Array.from({ length: 16 }, (_, pixel) => pixel / 16), [1, 4, 4, 1]);
      const options = { size, mean: [0], std: [1 / 16] };
      return [...plainView(crop === undefined ? options : { ...options, crop })(images).dataSync()];
    });
  assertClose(seen(0.5, 2), [5, 6, 9, 10], "elementwise");
  assertClose(seen(0.75, 3), [0, 1, 2, 4, 5, 6, 8, 9, 10], "elementwise"); // an odd rest is cut off at the end
  assertClose(seen(1, 4), seen(undefined, 4), "exact");
});
