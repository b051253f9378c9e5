/**
 * The momentum update of the key encoder, in float64:
 *
 *     theta_k <- m theta_k + (1 - m) theta_q
 *
 * Source: arXiv:1911.05722, eq. 2. Parameters only: batch-norm statistics are each encoder's own.
 *
 * @module
 */

/** The next key parameters, from the key's and the query's of the same layout. */
export function ema(key: readonly number[], query: readonly number[], momentum: number): number[] {
  const next: number[] = [];
  for (let i = 0; i < key.length; i++) next.push(momentum * key[i] + (1 - momentum) * query[i]);
  return next;
}
