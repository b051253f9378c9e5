/**
 * Functions that are asked for often and called less often.
 *
 * @module
 */

/** Calls a function in the browser's next frame, once however often it is asked for. */
export function inNextFrame(call: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      call();
    });
  };
}

/** Calls a function once it has not been asked for during a time, in milliseconds. */
export function whenQuiet(call: () => void): (time: number) => void {
  let waiting: number | undefined;
  return (time) => {
    clearTimeout(waiting);
    waiting = setTimeout(call, time);
  };
}
