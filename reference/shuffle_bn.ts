/**
 * Shuffling BN on one device: which samples share a batch-norm group, and how the keys find their way back.
 *
 * The key batch is permuted before its encoder and the keys are put back after it. Batch norm normalises each of n
 * groups by itself; the sample at position i of the batch as the encoder sees it is in group i mod n. The query batch
 * is not permuted, so a query and its positive key are normalised with different neighbours.
 *
 * Source: arXiv:1911.05722, section 3.3 ("Shuffling BN").
 *
 * @module
 */

/** The batch that the key encoder sees: position i holds sample `permutation[i]`. */
export function shuffle<T>(batch: readonly T[], permutation: readonly number[]): T[] {
  return permutation.map((sample) => batch[sample]);
}

/** The inverse: what stood at position i goes back to place `permutation[i]`. */
export function unshuffle<T>(shuffled: readonly T[], permutation: readonly number[]): T[] {
  const batch = new Array<T>(shuffled.length);
  for (let i = 0; i < permutation.length; i++) batch[permutation[i]] = shuffled[i];
  return batch;
}

/** The group in which each sample is normalised, by sample, where the batch was permuted first. */
export function groupOfSamples(permutation: readonly number[], groups: number): number[] {
  const group = new Array<number>(permutation.length);
  for (let i = 0; i < permutation.length; i++) group[permutation[i]] = i % groups;
  return group;
}
