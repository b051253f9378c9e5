import { readBytes, type Tensor } from "../engine/mod.ts";
import { dispose } from "../core/scope.ts";
import { entries, type Tree } from "../core/tree.ts";
import type { ImageFiles, Images } from "../data/types.ts";
import { type FeatureOptions, type LabelledFeatures, labelledFeatures } from "./features.ts";
import { knn, type KnnOptions, type KnnResult } from "./knn.ts";
import { type LinearOptions, linearProbe, type LinearResult } from "./linear.ts";
import type { Classes } from "./scores.ts";

/** Images with the class of each. */
export type LabelledImages = (Images | ImageFiles) & {
  /** [count]. */
  readonly labels: ArrayLike<number>;
};

/** Options of {@linkcode evaluateEncoder}. */
export type EvaluationOptions = {
  /** The number of classes, or their names. Default: one more than the largest label. */
  readonly classes?: Classes;
  /** How features are computed. */
  readonly features?: FeatureOptions;
  /** How the neighbours vote. */
  readonly knn?: KnnOptions;
  /** How the linear head is trained; false for no linear probe. */
  readonly linear?: LinearOptions | false;
};

/** What a frozen encoder's features are worth. */
export type Evaluation = {
  /** Features of an image. */
  readonly dimension: number;
  readonly knn: KnnResult;
  /** Absent where it was not asked for. */
  readonly linear?: LinearResult;
};

/**
 * Evaluates a frozen encoder: the features of both sets once, then weighted kNN and the linear probe on them.
 *
 * Nothing of the encoder may change: its bytes are compared before and after, and a difference is an error.
 *
 * @param encoder The encoder's values: parameters and buffers, or a whole state. Borrowed.
 * @param encode From the encoder's values and images uint8 [N, height, width, channels] to features float32 [N, D].
 * Compile it with `jit`; it normalises the images and runs in evaluation mode.
 * @param train Labelled images: the bank of the neighbours, and what the linear head is trained on.
 * @param test Labelled images to score on.
 * @param options The protocol.
 * @returns Shares in [0, 1].
 * @throws {Error} if a value of the encoder changed; the message names it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evaluateEncoder, pixels } from "@momentum-contrast/moco";
 *
 * const data = { images: Uint8Array.of(0, 255), labels: [0, 1], count: 2, height: 1, width: 1, channels: 1 };
 * const { linear } = await evaluateEncoder({}, (_, images) => pixels(images), data, data, { knn: { k: 1 } });
 * assertEquals(linear?.top1, 1);
 * ```
 */
export async function evaluateEncoder<T extends Tree>(
  encoder: T,
  encode: (encoder: T, images: Tensor) => Tensor,
  train: LabelledImages,
  test: LabelledImages,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const before = await digests(encoder);
  const apply = (images: Tensor) => encode(encoder, images);
  const bank = await labelledFeatures(apply, train, options.features);
  let queries: LabelledFeatures | undefined;
  try {
    queries = await labelledFeatures(apply, test, options.features);
    const classes = options.classes === undefined ? {} : { classes: options.classes };
    const neighbours = knn(queries, bank, { ...classes, ...options.knn });
    const linear = options.linear === false
      ? undefined
      : await linearProbe(bank, queries, { ...classes, ...options.linear });
    const after = await digests(encoder);
    for (const [name, digest] of before) {
      if (after.get(name) !== digest) throw new Error(`Cannot evaluate encoder: "${name}" changed while it was frozen`);
    }
    return {
      dimension: bank.features.shape[1] as number,
      knn: neighbours,
      ...(linear === undefined ? {} : { linear }),
    };
  } finally {
    for (const found of [bank, queries]) if (found !== undefined) dispose({ features: found.features });
  }
}

/** SHA-256 of every leaf's bytes, by its path. */
async function digests(tree: Tree): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [path, leaf] of entries(tree)) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(readBytes(leaf))));
    found.set(path, hash.toHex());
  }
  return found;
}
