/**
 * How many points are painted while the map moves: all of them, or every n-th where the machine cannot follow.
 *
 * @module
 */
import { SPARSEST } from "./point_painter.ts";

/** Frames that take longer than this make the next ones sparser, milliseconds. */
const SLOW = 40;

/** Frames that take less than this make the next ones denser. */
const QUICK = 12;

/** Follows the times between frames. */
export type Pace = {
  /** Notes that the map moves from now on. */
  readonly move: () => void;
  /** Notes that a frame is painted at a time, and says of how many points it shows one: all of them at rest. */
  readonly frame: (now: number) => number;
  /** Notes that the map rests. */
  readonly rest: () => void;
};

/** A new pace: the map rests. */
export function pace(): Pace {
  let isMoving = false;
  let every = 1;
  let last: number | undefined;
  return {
    move: () => isMoving = true,
    frame: (now) => {
      if (!isMoving) return 1;
      const took = last === undefined ? undefined : now - last;
      last = now;
      if (took !== undefined && took > SLOW) every = Math.min(SPARSEST, 2 * every);
      if (took !== undefined && took < QUICK) every = Math.max(1, every / 2);
      return every;
    },
    rest: () => {
      isMoving = false;
      last = undefined;
    },
  };
}
