import type { Rule, Values } from "../core/declare.ts";

const probability = { is: "number", min: 0, max: 1 } as const;
const change = { is: "number", min: 0 } as const;
const pixels = { is: "integer", min: 4, max: 4096 } as const;

/**
 * The augmentation: a recipe from the papers, and the numbers that differ from it. These numbers apply to both views.
 */
export const augmentation = {
  recipe: {
    is: "choice",
    of: ["v1", "v2", "v3", "supervised"],
    default: "v2",
    about: "the recipe of MoCo v1, v2 or v3; supervised: crops and flips alone",
    flag: "recipe",
  },
  size: { ...pixels, default: 28, about: "height and width of a view, pixels", flag: "size" },
  evaluationSize: {
    ...pixels,
    about: "height and width of images in evaluation, pixels; the views' where absent",
    flag: "evaluation-size",
  },
  evaluationCrop: {
    is: "number",
    above: 0,
    max: 1,
    about: "share of each side that evaluation sees, around the centre; 1 where absent",
    flag: "evaluation-crop",
  },
  evaluationMirrored: {
    is: "boolean",
    about: "evaluation's features as the mean of those of an image and of its mirror image",
    flag: "evaluation-mirrored",
  },
  cropScale: { is: "range", above: 0, max: 1, about: "least and greatest share of the area that a crop takes" },
  cropRatio: { is: "range", above: 0, about: "least and greatest ratio of a crop's width to its height" },
  jitterProbability: { ...probability, about: "probability of colour jitter" },
  brightness: { ...change, about: "greatest change of brightness" },
  contrast: { ...change, about: "greatest change of contrast" },
  saturation: { ...change, about: "greatest change of saturation" },
  hue: { ...change, max: 0.5, about: "greatest change of hue, turns" },
  grayscaleProbability: { ...probability, about: "probability of turning to grey" },
  blurProbability: { ...probability, about: "probability of Gaussian blur" },
  blurSigma: { is: "range", above: 0, about: "least and greatest standard deviation of the blur, pixels" },
  blurKernel: { is: "integer", min: 1, about: "taps of the blur's kernel, an odd number; by the size where absent" },
  solarizeProbability: { ...probability, about: "probability of solarization" },
  flipProbability: { ...probability, about: "probability of a horizontal flip" },
  mean: { is: "list", min: 0, max: 1, about: "mean of each channel, subtracted (ImageNet's where absent)" },
  std: { is: "list", above: 0, about: "standard deviation of each channel, divided by (ImageNet's where absent)" },
} as const;

/** The settings of the augmentation in a configuration. */
export type AugmentSettings = Values<typeof augmentation>;

const kernelIsOdd: Rule<{ readonly augment: AugmentSettings }> = {
  reads: ["augment.blurKernel"],
  check: ({ augment: { blurKernel = 1 } }) =>
    blurKernel % 2 === 1 ? undefined : { expected: "an odd number", found: String(blurKernel) },
};

const kernelFitsView: Rule<{ readonly augment: AugmentSettings }> = {
  reads: ["augment.blurKernel", "augment.size"],
  check: ({ augment: { blurKernel = 1, size } }) =>
    blurKernel < 2 * size ? undefined : {
      expected: `fewer than ${
        2 * size
      } taps, for beyond the border of augment.size (${size}) an image is reflected once`,
      found: String(blurKernel),
    },
};

/** Rules for every augmentation. */
export const augmentationRules: readonly Rule[] = [kernelIsOdd, kernelFitsView];
