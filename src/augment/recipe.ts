import { dtypeOf, type Tensor, tf, toFloat } from "../engine/mod.ts";
import { aboveZero, checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { scope } from "../core/scope.ts";
import { colorJitter } from "./color_jitter.ts";
import { compose } from "./compose.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { horizontalFlip } from "./horizontal_flip.ts";
import { normalize, type NormalizeOptions } from "./normalize.ts";
import { randomGrayscale } from "./random_grayscale.ts";
import { applyCrop, randomResizedCrop } from "./random_resized_crop.ts";
import { randomSolarize } from "./solarize.ts";
import { batchShape } from "./check.ts";
import type { Augmentation, OfBatch, Range } from "./types.ts";

/** The numbers of a recipe. */
export type RecipeNumbers = {
  /** The least and greatest share of the image's area that a crop takes. */
  readonly cropScale: Range;
  /** The least and greatest ratio of a crop's width to its height. */
  readonly cropRatio: Range;
  /** The probability of colour jitter. */
  readonly jitterProbability: number;
  /** The greatest change of brightness. */
  readonly brightness: number;
  /** The greatest change of contrast. */
  readonly contrast: number;
  /** The greatest change of saturation. */
  readonly saturation: number;
  /** The greatest change of hue, turns. */
  readonly hue: number;
  /** The probability of turning grey. */
  readonly grayscaleProbability: number;
  /** The probability of Gaussian blur. */
  readonly blurProbability: number;
  /** The least and greatest standard deviation of the blur, pixels. */
  readonly blurSigma: Range;
  /** The probability of solarization. */
  readonly solarizeProbability: number;
  /** The probability of a horizontal flip. */
  readonly flipProbability: number;
};

/** Options of {@linkcode recipe}: a recipe by name, and any of its numbers in place of the published ones. */
export type RecipeOptions = Partial<RecipeNumbers> & NormalizeOptions & OfBatch & {
  /** The recipe of MoCo v1, v2 or v3, or that of learning from labels. */
  readonly recipe: "v1" | "v2" | "v3" | "supervised";
  /** The height and width of a view, pixels. */
  readonly size: number;
  /** The first or the second view; they differ in v3 only. Default 1. */
  readonly view?: 1 | 2;
  /** Whether the view is cut out of the images. Default true; false if they are already crops of the view's size. */
  readonly crop?: boolean;
  /** Taps of the blur's kernel, odd. Default: that of `gaussianBlur`, by the size. */
  readonly blurKernel?: number;
};

const v1: RecipeNumbers = {
  cropScale: [0.2, 1],
  cropRatio: [3 / 4, 4 / 3],
  jitterProbability: 1,
  brightness: 0.4,
  contrast: 0.4,
  saturation: 0.4,
  hue: 0.4,
  grayscaleProbability: 0.2,
  blurProbability: 0,
  blurSigma: [0.1, 2],
  solarizeProbability: 0,
  flipProbability: 0.5,
};
const v2: RecipeNumbers = { ...v1, jitterProbability: 0.8, hue: 0.1, blurProbability: 0.5 };
const v3: RecipeNumbers = { ...v2, saturation: 0.2, blurProbability: 1 };
const supervised: RecipeNumbers = { ...v1, cropScale: [0.08, 1], jitterProbability: 0, grayscaleProbability: 0 };

const published: Readonly<Record<RecipeOptions["recipe"], readonly [RecipeNumbers, RecipeNumbers]>> = {
  v1: [v1, v1],
  v2: [v2, v2],
  v3: [v3, { ...v3, blurProbability: 0.1, solarizeProbability: 0.2 }],
  supervised: [supervised, supervised],
};

/**
 * The published numbers of a recipe, with any given numbers in their place.
 *
 * @param options The recipe, the view and any of its numbers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recipeNumbers } from "@momentum-contrast/moco";
 *
 * const { hue, blurProbability } = recipeNumbers({ recipe: "v2", size: 28, blurProbability: 0 });
 * assertEquals([hue, blurProbability], [0.1, 0]);
 * ```
 */
export function recipeNumbers(options: RecipeOptions): RecipeNumbers {
  if (!Object.hasOwn(published, options.recipe)) {
    const names = Object.keys(published).join(", ");
    throw new RangeError(`Cannot make views: expected one of the recipes ${names}, found ${options.recipe}`);
  }
  const defaults = published[options.recipe][(options.view ?? 1) - 1];
  const names = Object.keys(defaults) as (keyof RecipeNumbers)[];
  return Object.fromEntries(names.map((name) => [name, options[name] ?? defaults[name]])) as unknown as RecipeNumbers;
}

/**
 * The augmentation of one view, as in the papers: images of a data set to the input of an encoder.
 *
 *     v1: crop, grey (p 0.2), jitter (0.4, 0.4, 0.4, 0.4), flip
 *     v2: crop, jitter (0.4, 0.4, 0.4, 0.1; p 0.8), grey (p 0.2), blur (p 0.5), flip
 *     v3: crop, jitter (0.4, 0.4, 0.2, 0.1; p 0.8), grey (p 0.2), blur (p 1, or 0.1 in view 2), solarize (0, or 0.2 in
 *         view 2), flip
 *     supervised: crop (from 0.08), flip
 *
 * Normalisation follows. v3's crop scale is the one for ResNets; ViTs take `cropScale: [0.08, 1]`. If the step runs in
 * bfloat16, compile the augmentation separately in float32: it costs little, and pixels keep their 8 bits.
 *
 * Source: arXiv:1911.05722, section 3.3; arXiv:2003.04297, section 3; arXiv:2104.02057, section 4.1; supervised:
 * arXiv:2002.05709, appendix B.5.
 *
 * @param options The recipe, the size in pixels, and whatever deviates from the recipe.
 * @returns From images [N, H, W, C], uint8 in [0, 255] or float32 in [0, 1], C = 1 or 3, to float32 [N, size, size, C],
 *   normalised. Pure: the key decides every draw.
 * @throws {RangeError} if a number is out of its range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, recipe, tf } from "@momentum-contrast/moco";
 *
 * const augment = recipe({ recipe: "v2", size: 8 });
 * const images = tf.randomUniform([4, 10, 12, 3]);
 * assertEquals(augment(key(1), images).shape, [4, 8, 8, 3]);
 * assertEquals(augment(key(1), images).dataSync(), augment(key(1), images).dataSync());
 * ```
 */
export function recipe(options: RecipeOptions): Augmentation {
  const augment = views(options);
  const normalized = normalize(options);
  return (key, images) => scope(() => normalized(augment(key, images)));
}

/**
 * As {@linkcode recipe}, without normalisation: views to look at, float32 in [0, 1].
 *
 * @param options The recipe, the size in pixels, and whatever deviates from the recipe.
 * @throws {RangeError} if a number is out of its range.
 */
export function views(options: RecipeOptions): Augmentation {
  const numbers = recipeNumbers(options);
  const { part } = options;
  checkNumbers("make views", { size: [options.size, wholeFromOne] });
  const { jitterProbability, brightness, contrast, saturation, hue } = numbers;
  const { grayscaleProbability, blurProbability, blurSigma, solarizeProbability, flipProbability } = numbers;
  // Transformations that are never drawn are left out, for speed, once each has checked its numbers.
  const unlessNever = (probability: number, augment: Augmentation) => probability > 0 ? [augment] : [];
  const jitter = unlessNever(
    jitterProbability,
    colorJitter({ probability: jitterProbability, brightness, contrast, saturation, hue, part }),
  );
  const grey = unlessNever(grayscaleProbability, randomGrayscale({ probability: grayscaleProbability, part }));
  const blur = unlessNever(
    blurProbability,
    gaussianBlur({ probability: blurProbability, sigma: blurSigma, kernel: options.blurKernel, part }),
  );
  const solarize = unlessNever(solarizeProbability, randomSolarize({ probability: solarizeProbability, part }));
  const augment = compose(
    ...(options.crop ?? true
      ? [randomResizedCrop({ size: options.size, scale: numbers.cropScale, ratio: numbers.cropRatio, part })]
      : []),
    ...(options.recipe === "v1" ? [...grey, ...jitter] : [...jitter, ...grey]),
    ...blur,
    ...solarize,
    horizontalFlip({ probability: flipProbability, part }),
  );
  return (key, images) => scope(() => augment(key, unit(images)));
}

/**
 * Images as an encoder sees them in evaluation: resized whole (without keeping the aspect ratio) or cut to their
 * centre, and normalised.
 *
 * @param options The size in pixels; the share of each side that is seen, default 1; means and standard deviations.
 * @returns A function from images [N, H, W, C], uint8 in [0, 255] or float32 in [0, 1], to float32 [N, size, size, C].
 * @throws {RangeError} if the size is not a whole number of at least 1, or the share is not above 0 and at most 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainView, tf } from "@momentum-contrast/moco";
 *
 * const images = tf.tensor4d([0, 1, 0, 1], [1, 2, 2, 1]);
 * const plain = plainView({ size: 1, mean: [0.5], std: [0.25] });
 * assertEquals([...plain(images).dataSync()], [0]);
 * ```
 */
export function plainView(
  options: NormalizeOptions & { readonly size: number; readonly crop?: number },
): (images: Tensor) => Tensor {
  const { size, crop = 1 } = options;
  checkNumbers("make plain views", { size: [size, wholeFromOne], crop: [crop, { ...aboveZero, max: 1 }] });
  const normalized = normalize(options);
  return (images) => scope(() => normalized(resized(unit(images), size, crop)));
}

/** Whole images at another size, or the middle of them, float32. */
export function resized(images: Tensor, size: number, crop = 1): Tensor {
  const [count, height, width] = batchShape(images, "resize");
  if (height === size && width === size && crop === 1) return tf.clone(images);
  return scope(() => {
    const [rows, columns] = [height, width].map((length) => Math.max(1, Math.round(length * crop)));
    const each = (pixels: number) => tf.fill([count], pixels);
    const corner = { top: each(Math.floor((height - rows) / 2)), left: each(Math.floor((width - columns) / 2)) };
    return applyCrop(
      { ...corner, height: each(rows), width: each(columns) },
      images,
      size,
      size,
    );
  });
}

/** Images as float32 in [0, 1]. */
export function unit(images: Tensor): Tensor {
  return dtypeOf(images) === "float32" ? tf.clone(images) : scope(() => tf.mul(toFloat(images), 1 / 255));
}
