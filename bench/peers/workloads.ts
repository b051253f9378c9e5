/**
 * What the contestants are given to do, from `workloads.json`, which the Python ones read too.
 *
 * @module
 */
import data from "./workloads.json" with { type: "json" };

/** What computes: the processor, or an NVIDIA GPU. */
export type Device = "cpu" | "gpu";

/** The numbers of one step, and how it is timed. */
export type Workload = MocoWorkload | MocoV3Workload;

/** MoCo v2 with a ResNet. */
export type MocoWorkload = Common & {
  readonly method: "v2";
  readonly encoder: "resnet18" | "resnet50";
  readonly stem: "small" | "imagenet";
  readonly width: number;
  /** K. */
  readonly queue: number;
  /** SGD's momentum. */
  readonly velocity: number;
};

/** MoCo v3 with a ViT: a symmetrized step, two forward passes of each encoder. */
export type MocoV3Workload = Common & {
  readonly method: "v3";
  readonly encoder: "vit-small";
  /** The features between the linear layers of projector and predictor. */
  readonly hidden: number;
};

type Common = {
  /** [height, width, channels]. */
  readonly input: readonly [number, number, number];
  readonly batch: number;
  readonly dimension: number;
  /** m of the momentum update. */
  readonly momentum: number;
  readonly temperature: number;
  readonly learningRate: number;
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

/**
 * A workload by its name: the numbers of its method, its own, and on a GPU those that it has for one.
 *
 * @param name One of {@linkcode names}.
 * @param device What computes.
 */
export function workload(name: string, device: Device): Workload {
  const own = Object.entries(data.workloads).find(([each]) => each === name)?.[1];
  if (own === undefined) throw new RangeError(`Cannot find workload: expected ${names.join(", ")}, found ${name}`);
  const { gpu, ...numbers } = own;
  const method = data.methods[own.method as keyof typeof data.methods];
  return { ...method, ...numbers, ...(device === "gpu" ? gpu : {}) } as unknown as Workload;
}
