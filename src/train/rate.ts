/** A clock of images. */
export type Rate = {
  /** Counts the images of a step. */
  readonly count: (images: number) => void;
  /** Images a second since the last reading; undefined where there were none. */
  readonly current: () => number | undefined;
  /** The same, and becomes the last reading. */
  readonly rate: () => number | undefined;
  /** Begins anew, after something else than training took time. */
  readonly restart: () => void;
};

/** Images a second since the last reading. The first step, which compiles, is not counted. */
export function rateOf(now: () => number): Rate {
  let since: number | undefined;
  let images = 0;
  const restart = (): void => {
    since = now();
    images = 0;
  };
  const current = (): number | undefined =>
    images === 0 || since === undefined ? undefined : images / Math.max((now() - since) / 1000, 1e-9);
  return {
    restart,
    current,
    count: (more: number): void => {
      if (since === undefined) restart();
      else images += more;
    },
    rate: (): number | undefined => {
      const rate = current();
      restart();
      return rate;
    },
  };
}
