/**
 * The learning rate of each layer of a vision transformer that is fine-tuned, in float64.
 *
 *     rate(layer l) = base decay^(L - l),    L = depth + 1
 *
 * Layer 0 is what makes tokens of an image: patch projection, class token and positions. Layers 1 to depth are the
 * blocks. Layer L is all that follows: the last layer norm and the classifier.
 *
 * Source: arXiv:2106.08254 (BEiT), section 3.1, in the form of the authors' code; arXiv:2111.06377 (MAE), appendix A.1.
 *
 * @module
 */

/** The rates of the layers 0, 1, ..., depth + 1. */
export function layerRates(base: number, decay: number, depth: number): number[] {
  const rates: number[] = [];
  for (let layer = 0; layer <= depth + 1; layer++) rates.push(base * decay ** (depth + 1 - layer));
  return rates;
}
