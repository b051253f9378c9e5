/**
 * Points that move from one map to the next, so that one sees where each goes.
 *
 * @module
 */

/** How long they move, milliseconds. */
const DURATION = 500;

/** The most points that are moved; more appear at once. */
const MOST = 100_000;

/**
 * Shows points on their way, and in the end where they arrive.
 *
 * @param from Where they were; undefined where nothing was shown.
 * @param to Where they arrive.
 * @param show Called with the points, once for each frame.
 * @returns Ends the movement where it is.
 */
export function glide(
  from: Float32Array | undefined,
  to: Float32Array,
  show: (points: Float32Array) => void,
): () => void {
  const isStill = from?.length !== to.length || to.length > 2 * MOST ||
    matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (from === undefined || isStill) {
    show(to);
    return () => {};
  }
  const began = performance.now();
  let frame = requestAnimationFrame(function next(now) {
    const share = Math.max(0, Math.min(1, (now - began) / DURATION));
    const eased = share * share * (3 - 2 * share);
    show(share === 1 ? to : to.map((end, at) => from[at] + eased * (end - from[at])));
    if (share < 1) frame = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(frame);
}
