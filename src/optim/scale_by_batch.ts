import { checkNumbers, fromZero, wholeFromOne } from "../core/check_numbers.ts";

/**
 * The learning rate for another batch size, according to the linear rule: base batch / 256.
 *
 * Source: arXiv:1706.02677, section 2.1; used by arXiv:2104.02057, section 4.1.
 *
 * @param base The learning rate for 256 images a step.
 * @param batch Images a step.
 * @throws {RangeError} if the learning rate is below 0, or the batch is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scaleByBatch } from "@momentum-contrast/moco";
 *
 * assertEquals(scaleByBatch(0.03, 512), 0.06);
 * ```
 */
export function scaleByBatch(base: number, batch: number): number {
  checkNumbers("scale a learning rate", { base: [base, fromZero], batch: [batch, wholeFromOne] });
  return base * batch / 256;
}
