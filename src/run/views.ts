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

/**
 * The steps of a file of views: tensors `0.query`, `0.key`, optionally `0.shuffle`, `0.index`, `0.labels` and
 * `0.sample`, `1.query`, and so on.
 *
 * @returns Right the steps; left everything that is missing, of another shape or not known.
 */
export function readViews(
  path: string,
  tensors: readonly StoredTensor[],
  { batch, images, classes, negatives }: ExpectedViews,
): Either<BadViews, readonly StoredViews[]> {
  const faults: string[] = [];
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const steps = new Set<number>();
  for (const { name } of tensors) {
    const match = /^(0|[1-9]\d*)\.(query|key|shuffle|index|labels|sample)$/.exec(name);
    if (match === null) {
      faults.push(`${name}: expected names such as 0.query, 0.key, 0.shuffle, 0.index, 0.labels and 0.sample`);
    } else steps.add(Number(match[1]));
  }
  const count = steps.size === 0 ? 0 : Math.max(...steps) + 1;
  const image = found.get("0.query")?.shape.slice(1);
  const viewShape = image?.length === 3 ? [batch, ...image] : undefined;
  const expect = (name: string, dtype: string, shape: readonly number[] | undefined, words: string) => {
    const tensor = found.get(name);
    const there = tensor === undefined ? "nothing" : `${tensor.dtype} [${tensor.shape.join(", ")}]`;
    if (there !== `${dtype} [${(shape ?? []).join(", ")}]`) {
      faults.push(
        `${name}: expected ${dtype} ${shape === undefined ? words : `[${shape.join(", ")}]`}, found ${there}`,
      );
    }
  };
  const among = images === undefined ? "of images" : `among ${images} images`;
  for (let step = 0; step < Math.min(count, tensors.length + 1); step++) {
    for (const view of ["query", "key"]) {
      expect(`${step}.${view}`, "F32", viewShape, `[${batch}, height, width, channels]`);
    }
    const shuffle = found.get(`${step}.shuffle`);
    if (shuffle !== undefined) {
      expect(`${step}.shuffle`, "I32", [batch], "");
      if (shuffle.dtype === "I32" && !isPermutation(shuffle)) {
        faults.push(`${step}.shuffle: expected a permutation of 0 to ${batch - 1}, found something else`);
      }
    }
    const index = found.get(`${step}.index`);
    if (index !== undefined || images !== undefined) {
      expect(`${step}.index`, "I32", [batch], "");
      if (index?.dtype === "I32" && !(arePlaces(index, images) && areDistinct(index))) {
        faults.push(`${step}.index: expected places ${among}, each at most once, found something else`);
      }
    }
    const labels = found.get(`${step}.labels`);
    if (labels !== undefined || classes !== undefined) {
      expect(`${step}.labels`, "I32", [batch], "");
      if (labels?.dtype === "I32" && !areClasses(labels, classes)) {
        const known = classes === undefined ? "" : ` among ${classes}`;
        faults.push(`${step}.labels: expected indices of classes${known}, found something else`);
      }
    }
    const sample = found.get(`${step}.sample`);
    if (sample !== undefined) {
      expect(`${step}.sample`, "I32", negatives === undefined ? undefined : [negatives], "for a memory bank alone");
      if (sample.dtype === "I32" && !arePlaces(sample, images)) {
        faults.push(`${step}.sample: expected places ${among}, found something else`);
      }
    }
  }
  if (count === 0) faults.push("0.query: expected F32 views, found nothing");
  if (faults.length > 0) return Either.left({ _tag: "BadViews", path, faults });
  const stored = Array.from({ length: count }, (_, step) => {
    const optional = ["shuffle", "index", "labels", "sample"].flatMap((name) => {
      const tensor = found.get(`${step}.${name}`);
      return tensor === undefined ? [] : [[name, tensor] as const];
    });
    return { query: found.get(`${step}.query`)!, key: found.get(`${step}.key`)!, ...Object.fromEntries(optional) };
  });
  return Either.right(stored);
}

function isPermutation(tensor: StoredTensor): boolean {
  return integersOf(tensor).toSorted().every((value, i) => value === i);
}

/** Whether the numbers are indices among the images, or, if their count is not known, at least 0. */
function arePlaces(tensor: StoredTensor, images: number = Infinity): boolean {
  return integersOf(tensor).every((place) => place >= 0 && place < images);
}

function areDistinct(tensor: StoredTensor): boolean {
  const numbers = integersOf(tensor);
  return new Set(numbers).size === numbers.length;
}

/** Whether the numbers are indices of classes. */
function areClasses(tensor: StoredTensor, classes: number = Infinity): boolean {
  return integersOf(tensor).every((label) => label >= 0 && label < classes);
}

function integersOf({ data }: StoredTensor): Int32Array {
  return new Int32Array(data.slice().buffer);
}
