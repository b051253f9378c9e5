/**
 * From an experiment to its cells.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Either } from "../core/either.ts";
import { merge } from "../config/paths.ts";
import { presets } from "../config/presets.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { configureOver } from "../run/configure.ts";
import type { BadCell } from "./errors.ts";
import type { Axis, Experiment, Labels, Scale, Variant } from "./types.ts";

/** One training of an experiment. */
export type Cell = {
  /** Its name: `m 0.99, seed 1`. */
  readonly name: string;
  /** The label of each axis' value, by the axis' name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly config: Config;
  /** Hexadecimal, the same for the same configuration, whatever the order of its fields. */
  readonly digest: string;
};

/** What is asked for beside the experiment's own choices. */
export type GridOptions = {
  /** Repetitions. Default: the scale's. */
  readonly seeds?: number;
  /**
   * Fields that override the preset's and the scale's but no variant's, so labels stay true. A seed is that of the
   * first repetition.
   */
  readonly config?: PartialConfig;
};

/**
 * The cells of an experiment: every combination of its axes' values that go together at a scale, with each seed. Seeds
 * come last, so that the first round already has one of each combination.
 *
 * A cell's configuration is its preset's, overridden by the scale's, by the options', and by its variants' in the order
 * of the axes. If a variant makes another choice (of an encoder, say), what preset and scale set for the old one alone
 * is dropped.
 *
 * @param experiment The experiment.
 * @param scale How large.
 * @param options What is asked for beside.
 * @returns Right the cells, or left the first one that cannot be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { experiments } from "./experiments/mod.ts";
 * import { grid } from "./grid.ts";
 *
 * const cells = grid(experiments.momentum, "smoke", { seeds: 2 });
 * assertEquals(cells._tag === "Right" && cells.right.length, 10);
 * assertEquals(cells._tag === "Right" && cells.right[5].name, "m 0, seed 1");
 * ```
 */
export function grid(
  experiment: Experiment,
  scale: Scale,
  options: GridOptions = {},
): Either<BadCell, readonly Cell[]> {
  const { config = {}, preset: usual, seeds } = experiment.scales[scale];
  const cells: Cell[] = [];
  const first = options.config?.training?.seed ?? 0;
  for (let seed = first; seed < first + (options.seeds ?? seeds); seed++) {
    for (const variants of combinations(experiment.axes, scale)) {
      const named = experiment.axes.map(({ name }, i) => [name, variants[i].label] as const);
      const name = [...named.map(([axis, label]) => `${axis} ${label}`), `seed ${seed}`].join(", ");
      const preset = variants.findLast((variant) => variant.preset !== undefined)?.preset?.[scale] ?? usual;
      const own = [options.config ?? {}, ...variants.map((variant) => variant.config ?? {}), { training: { seed } }];
      const common = [presetOf(preset), config];
      const parsed = configureOver(merged(common), merged(own));
      if (Either.isLeft(parsed)) return Either.left({ _tag: "BadCell", name, faults: parsed.left.faults });
      cells.push({ name, labels: Object.fromEntries(named), config: parsed.right, digest: digestOf(parsed.right) });
    }
  }
  return Either.right(cells);
}

function merged(layers: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
  return layers.reduce(merge, {});
}

/**
 * Every combination of a value of each axis that go together, the last axis running fastest.
 *
 * @param axes The axes.
 * @param scale The scale whose combinations are meant.
 */
export function combinations(axes: readonly Axis[], scale: Scale): readonly (readonly Variant[])[] {
  return axes.reduce<readonly (readonly Variant[])[]>(
    (before, { variants }) =>
      before.flatMap((some) => {
        const labels = Object.fromEntries(some.map(({ label }, i) => [axes[i].name, label]));
        return variants.filter(({ with: wanted, at }) =>
          agrees(labels, wanted) && (at === undefined || at.includes(scale))
        ).map((variant) => [...some, variant]);
      }),
    [[]],
  );
}

/** Whether the label of each axis is among those wanted for that axis. */
export function agrees(labels: Cell["labels"], wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([axis, some]) => some.includes(labels[axis]));
}

function presetOf(name: string): PartialConfig {
  if (!Object.hasOwn(presets, name)) {
    throw new RangeError(`Cannot make the cells: expected a preset's name, found "${name}"`);
  }
  return presets[name].config;
}

/** SHA-256 of a configuration, hexadecimal. */
export function digestOf(config: Config): string {
  return createHash("sha256").update(JSON.stringify(ordered(config))).digest("hex");
}

/** A JSON value with the fields of every record in one order. */
function ordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const entries = Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([name, field]) => [name, ordered(field)]));
}
