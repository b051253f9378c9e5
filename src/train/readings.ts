/**
 * What steps measured, until it is read: reading a number waits for the step that makes it, so it is done now and then.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import type { Metrics } from "../methods/types.ts";
import { nonFiniteNumber, type Unsound } from "./finite.ts";

/** What was measured and nobody has read. */
export type Readings = {
  /** Adds the metrics of a step, and owns them from now on. */
  readonly add: (step: number, metrics: Metrics) => void;
  /**
   * Reads everything: right the metrics of the last step, if there is one; left the first number that is not finite.
   */
  readonly read: () => Either<Unsound & { readonly step: number }, Readonly<Record<string, number>> | undefined>;
  /** Frees what was not read. */
  readonly discard: () => void;
};

/** No readings yet. Of every step the loss is kept, so that none escapes; of the last one all metrics. */
export function readings(): Readings {
  let unread: (readonly [step: number, metrics: Metrics])[] = [];
  const discard = (): void => {
    unread.forEach(([, metrics]) => dispose(metrics));
    unread = [];
  };
  return {
    add: (step, metrics) => {
      const last = unread.pop();
      if (last !== undefined) unread.push([last[0], lossAlone(last[1])]);
      unread.push([step, metrics]);
    },
    read: () => {
      const values = unread.map(([step, metrics]) => [step, valuesOf(metrics)] as const);
      discard();
      for (const [step, numbers] of values) {
        const unsound = nonFiniteNumber(numbers);
        if (unsound !== undefined) return Either.left({ step, ...unsound });
      }
      return Either.right(values.at(-1)?.[1]);
    },
    discard,
  };
}

function valuesOf(metrics: Metrics): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(metrics).map(([name, scalar]) => [name, scalar.dataSync()[0]]));
}

function lossAlone({ loss, ...others }: Metrics): Metrics {
  dispose(others);
  return { loss };
}
