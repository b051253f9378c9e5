/**
 * Which cells of an experiment are to be run now.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { UnknownLabel } from "./errors.ts";
import { combinations } from "./grid.ts";
import type { Experiment, Labels, Scale } from "./types.ts";

/**
 * Labels from texts of the form `axis=label`. Several texts may name one axis.
 *
 * @param texts The texts. What follows the first `=` is the label. Without one, the whole text is an axis without
 *   labels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelsFrom } from "./choose.ts";
 *
 * assertEquals(labelsFrom(["K=256", "K=1,024", "mechanism=MoCo"]), { K: ["256", "1,024"], mechanism: ["MoCo"] });
 * ```
 */
export function labelsFrom(texts: readonly string[]): Labels {
  return texts.reduce<Labels>((labels, text) => {
    const [axis, ...rest] = text.split("=");
    const label = rest.join("=");
    return { ...labels, [axis]: [...(Object.hasOwn(labels, axis) ? labels[axis] : []), label] };
  }, {});
}

/**
 * Whether an experiment has all labels that are named, at its scale, and each in a combination with those of the axes
 * before.
 *
 * @param experiment The experiment.
 * @param scale Its scale.
 * @param wanted The labels that are wanted of each axis that is named.
 * @returns Right the labels as they are; left the first axis or label that is not there, and those that are.
 */
export function chosen({ axes }: Experiment, scale: Scale, wanted: Labels): Either<UnknownLabel, Labels> {
  const names = axes.map(({ name }) => name);
  const unknown = Object.keys(wanted).find((axis) => !names.includes(axis));
  if (unknown !== undefined) return Either.left({ _tag: "UnknownLabel", found: unknown, expected: names });
  let there = combinations(axes, scale);
  for (const [place, axis] of names.entries()) {
    if (!Object.hasOwn(wanted, axis)) continue;
    const expected = [...new Set(there.map((variants) => variants[place].label))];
    const found = wanted[axis].find((label) => !expected.includes(label));
    if (found !== undefined) return Either.left({ _tag: "UnknownLabel", axis, found, expected });
    there = there.filter((variants) => wanted[axis].includes(variants[place].label)); // values that go with these
  }
  return Either.right(wanted);
}
