/**
 * Points that move from one map to the next, so that one sees where each goes.
 *
 * @module
 */

/** How long they move, milliseconds. */
const DURATION = 500;

/** The most points that are moved; more appear at once. */
const MOST = 100_000;

/** Points that move from where they were last. */
export type Gliding = {
  /** Moves them to where they are on another map. */
  readonly to: (points: Float32Array) => void;
  /** Leaves them where they are. */
  readonly stop: () => void;
};

/** Points that move from map to map. `show` is called with them, once for each frame. */
export function gliding(show: (points: Float32Array) => void): Gliding {
  let before: Float32Array | undefined;
  let stop = (): void => {};
  return {
    to: (points) => {
      stop();
      stop = glide(before, points, show);
      before = points;
    },
    stop: () => stop(),
  };
}

/**
 * Shows points on their way, and in the end where they arrive.
 *
 * @param from Where they were; undefined where nothing was shown.
 * @param to Where they arrive.
 * @param show Called with the points, once for each frame.
 * @returns Ends the movement where it is.
 */
function glide(
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
