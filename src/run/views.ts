/**
 * Views that a file gives, step by step.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import type { BadViews } from "./errors.ts";

/** The stored views of one step. */
export type StoredViews = {
  readonly query: StoredTensor;
  readonly key: StoredTensor;
  readonly shuffle?: StoredTensor;
  readonly index?: StoredTensor;
  readonly labels?: StoredTensor;
  readonly sample?: StoredTensor;
};

/** What the views of a configuration are like. */
export type ExpectedViews = {
  /** Images per step. */
  readonly batch: number;
  /** The images of the data set, where each step must say which of them its views are of. */
  readonly images?: number;
  /** The number of classes, where each step must say the class of each image. */
  readonly classes?: number;
  /** The negatives that a step samples from a memory bank. */
  readonly negatives?: number;
};

/** What a part that a step may have beside its two views must be: int32 of a shape, with certain values. */
type OptionalPart = {
  readonly name: Exclude<keyof StoredViews, "query" | "key">;
  /** Its shape, in words if it may have none. */
  readonly shape: string;
  readonly isNeeded: boolean;
  readonly isRight: (numbers: Int32Array) => boolean;
  /** What its values must be, in words. */
  readonly expected: string;
};

/**
 * The steps of a file of views: tensors `0.query`, `0.key`, optionally `0.shuffle`, `0.index`, `0.labels` and
 * `0.sample`, `1.query`, and so on.
 *
 * @returns Right the steps; left everything that is missing, of another shape or not known.
 */
export function readViews(
  path: string,
  tensors: readonly StoredTensor[],
  expected: ExpectedViews,
): Either<BadViews, readonly StoredViews[]> {
  const found: Found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const names = tensors.map(({ name }) => ({ name, step: stepOf(name) }));
  const count = names.reduce((count, { step = -1 }) => Math.max(count, step + 1), 0);
  const checked = Math.min(count, tensors.length + 1); // fewer tensors than steps: one is missing among these
  const [views, parts] = [viewsShape(found, expected), optionalParts(expected)];
  const faults = [
    ...names.filter(({ step }) => step === undefined).map(({ name }) =>
      `${name}: expected names such as 0.query, 0.key, 0.shuffle, 0.index, 0.labels and 0.sample`
    ),
    ...Array.from({ length: checked }, (_, step) => [
      ...["query", "key"].flatMap((name) => kindFaults(`${step}.${name}`, found, `F32 ${views}`)),
      ...parts.flatMap((part) => partFaults(`${step}.${part.name}`, found, part)),
    ]).flat(),
    ...count === 0 ? ["0.query: expected F32 views, found nothing"] : [],
  ];
  if (faults.length > 0) return Either.left({ _tag: "BadViews", path, faults });
  return Either.right(Array.from({ length: count }, (_, step) => viewsOfStep(step, found, parts)));
}

/** The tensors of the file by name. */
type Found = ReadonlyMap<string, StoredTensor>;

/** The step that a tensor belongs to; undefined if its name is not one that files of views have. */
function stepOf(name: string): number | undefined {
  const match = /^(0|[1-9]\d*)\.(query|key|shuffle|index|labels|sample)$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** The shape that all views must have. The first step's query says how large their images are. */
function viewsShape(found: Found, { batch }: ExpectedViews): string {
  const image = found.get("0.query")?.shape.slice(1);
  return image?.length === 3 ? `[${[batch, ...image].join(", ")}]` : `[${batch}, height, width, channels]`;
}

function optionalParts({ batch, images, classes, negatives }: ExpectedViews): readonly OptionalPart[] {
  const places = images === undefined ? "places of images" : `places among ${images} images`;
  return [
    {
      name: "shuffle",
      shape: `[${batch}]`,
      isNeeded: false,
      isRight: isPermutation,
      expected: `a permutation of 0 to ${batch - 1}`,
    },
    {
      name: "index",
      shape: `[${batch}]`,
      isNeeded: images !== undefined,
      isRight: (places) => areBelow(places, images) && areDistinct(places),
      expected: `${places}, each at most once`,
    },
    {
      name: "labels",
      shape: `[${batch}]`,
      isNeeded: classes !== undefined,
      isRight: (labels) => areBelow(labels, classes),
      expected: classes === undefined ? "indices of classes" : `indices of classes among ${classes}`,
    },
    {
      name: "sample",
      shape: negatives === undefined ? "for a memory bank alone" : `[${negatives}]`,
      isNeeded: false,
      isRight: (places) => areBelow(places, images),
      expected: places,
    },
  ];
}

/** What is wrong with a tensor's dtype and shape. */
function kindFaults(name: string, found: Found, expected: string): readonly string[] {
  const tensor = found.get(name);
  const there = tensor === undefined ? "nothing" : `${tensor.dtype} [${tensor.shape.join(", ")}]`;
  return there === expected ? [] : [`${name}: expected ${expected}, found ${there}`];
}

/** What is wrong with an optional part of a step. */
function partFaults(name: string, found: Found, part: OptionalPart): readonly string[] {
  const tensor = found.get(name);
  if (tensor === undefined && !part.isNeeded) return [];
  return [
    ...kindFaults(name, found, `I32 ${part.shape}`),
    ...tensor?.dtype !== "I32" || part.isRight(integersOf(tensor))
      ? []
      : [`${name}: expected ${part.expected}, found something else`],
  ];
}

function viewsOfStep(step: number, found: Found, parts: readonly OptionalPart[]): StoredViews {
  const optional = parts.flatMap(({ name }) => {
    const tensor = found.get(`${step}.${name}`);
    return tensor === undefined ? [] : [[name, tensor] as const];
  });
  return { query: found.get(`${step}.query`)!, key: found.get(`${step}.key`)!, ...Object.fromEntries(optional) };
}

function isPermutation(numbers: Int32Array): boolean {
  return numbers.toSorted().every((value, i) => value === i);
}

/** Whether the numbers are indices below a count, or, if the count is not known, at least 0. */
function areBelow(numbers: Int32Array, count: number = Infinity): boolean {
  return numbers.every((number) => number >= 0 && number < count);
}

function areDistinct(numbers: Int32Array): boolean {
  return new Set(numbers).size === numbers.length;
}

function integersOf({ data }: StoredTensor): Int32Array {
  return new Int32Array(data.slice().buffer);
}
