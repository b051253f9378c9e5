/**
 * One whole step with a memory bank in float64, over the encoder f of encoder.ts.
 *
 *     q = f(x)
 *     L = InfoNCE(s q, v_i, V_S)                   v_i: the stored key of each image; V_S: a sample of the bank;
 *                                                  s: 1 if the image was seen before, else 0
 *     theta <- SGD(dL/dtheta)                      no gradient reaches the bank
 *     v_i <- l2( m v_i + (1 - m) q )               for the images of the batch; the others stay
 *
 * Source: arXiv:1805.01978 as arXiv:1911.05722 compares with it: InfoNCE in place of noise-contrastive estimation
 * (section 4.1), the momentum on the representations (section 3.2). The bank begins with zeros in place of random rows,
 * and a query without a stored key is left out by s.
 *
 * @module
 */
import { backward, descend, type Encoder, forward, type Statistics } from "./encoder.ts";
import { infoNce } from "./info_nce.ts";
import { l2Normalize } from "./l2_normalize.ts";
import type { Matrix } from "./matrix.ts";
import type { SgdOptions } from "./sgd.ts";

/** A stored key for each of M images, zero where its image was never seen, and whether it was. */
export type Bank = { readonly keys: Matrix; readonly seen: readonly boolean[] };

/** All that a step changes. */
export type State = {
  readonly encoder: Encoder;
  readonly statistics: Statistics;
  readonly velocity: Encoder;
  readonly bank: Bank;
};

/** The constants of a training; `momentum` is that of the stored keys. */
export type Options = {
  readonly momentum: number;
  readonly temperature: number;
  readonly groups: number;
  readonly sgd: SgdOptions;
};

/** The bank after a batch: `features[n]` is of image `index[n]`. */
export function remember(bank: Bank, index: readonly number[], features: Matrix, momentum: number): Bank {
  const keys = [...bank.keys];
  const seen = [...bank.seen];
  index.forEach((image, n) => {
    const moved = bank.keys[image].map((value, d) => momentum * value + (1 - momentum) * features[n][d]);
    [keys[image]] = l2Normalize([moved]);
    seen[image] = true;
  });
  return { keys, seen };
}

/**
 * The next state, the loss in nats, and its gradient with respect to the encoder.
 *
 * @param view one view of N samples, [N][F].
 * @param index which images they are of, [N].
 * @param sample the images whose stored keys are the negatives, [K].
 */
export function memoryBankStep(
  state: State,
  view: Matrix,
  index: readonly number[],
  sample: readonly number[],
  { momentum, temperature, groups, sgd }: Options,
): { readonly state: State; readonly loss: number; readonly gradient: Encoder } {
  const { features, statistics } = forward(state.encoder, state.statistics, view, groups);
  const stored = (images: readonly number[]) => images.map((image) => state.bank.keys[image]);
  const known = index.map((image) => Number(state.bank.seen[image]));
  const scaled = (rows: Matrix) => rows.map((row, n) => row.map((value) => known[n] * value));
  const contrast = infoNce(scaled(features), stored(index), stored(sample), temperature);
  const gradient = backward(state.encoder, state.statistics, view, groups, scaled(contrast.gradient));
  const { encoder, velocity } = descend(state.encoder, state.velocity, gradient, sgd);
  const bank = remember(state.bank, index, features, momentum);
  return { state: { encoder, statistics, velocity, bank }, loss: contrast.loss, gradient };
}
