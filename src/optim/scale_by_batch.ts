/**
 * The learning rate for another batch size, according to the linear rule: base batch / 256.
 *
 * Source: arXiv:1706.02677, section 2.1; used by arXiv:2104.02057, section 4.1.
 *
 * @param base The learning rate for 256 images a step.
 * @param batch Images a step.
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
  return base * batch / 256;
}
