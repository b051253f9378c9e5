/**
 * What the contestants are given to do, from `workloads.json`, which the Python ones read too.
 *
 * @module
 */
import data from "./workloads.json" with { type: "json" };

/** The numbers of one MoCo v2 step, and how it is timed. */
export type Workload = {
  readonly encoder: "resnet18" | "resnet50";
  readonly stem: "small" | "imagenet";
  readonly width: number;
  /** [height, width, channels]. */
  readonly input: readonly [number, number, number];
  readonly batch: number;
  /** K. */
  readonly queue: number;
  readonly dimension: number;
  /** m of the momentum update. */
  readonly momentum: number;
  readonly temperature: number;
  readonly learningRate: number;
  /** SGD's momentum. */
  readonly velocity: number;
  readonly weightDecay: number;
  /** Rounds that count. */
  readonly repeats: number;
  /** Steps of a turn, where the step alone is timed. */
  readonly steps?: number;
  /** Images of a turn, where a part of an epoch is timed, augmentation included. */
  readonly images?: number;
};

/** The names, in the order of the file. */
export const names: readonly string[] = Object.keys(data.workloads);

/** A workload by its name. */
export function workload(name: string): Workload {
  const own = Object.entries(data.workloads).find(([each]) => each === name)?.[1];
  if (own === undefined) throw new RangeError(`Cannot find workload: expected ${names.join(", ")}, found ${name}`);
  return { ...data.common, ...own } as unknown as Workload;
}
