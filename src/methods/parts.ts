/**
 * What a method is built from, in addition to its declared settings.
 *
 * @module
 */
import { type Devices, virtualDevices } from "../core/devices.ts";
import { batchNormHead, linearHead, mlpHead } from "../nn/heads.ts";
import { identity } from "../nn/identity.ts";
import type { Layer, Shape } from "../nn/types.ts";
import { everyNth } from "../optim/accumulate.ts";
import type { Optimizer, Schedule } from "../optim/types.ts";
import { momentumSchedule } from "./momentum_schedule.ts";
import type { ContrastConfig, Method, MethodState } from "./types.ts";

/** What every method is built from. */
export type Parts = {
  /** Images to features [N, F]. */
  readonly backbone: Layer;
  /** The shape of a view: [height, width, channels]. */
  readonly input: Shape;
  readonly optimizer: Optimizer;
  /** How long the training is, which the momentum may follow. */
  readonly length: Length;
  /** Training images, for each of which a memory bank has a row. */
  readonly images?: number;
  /** The devices that train together, by the number of batch-norm groups of the whole batch. Default: virtual ones. */
  readonly devices?: (groups: number) => Devices;
};

/** Makes a method from its declared settings and what every method is built from. */
export type BuildMethod<S> = (settings: S, parts: Parts) => Method<MethodState>;

/** The length of a training. */
export type Length = {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Steps per update. */
  readonly accumulate: number;
};

/** The settings of the methods that contrast the output of a projection head. */
type Contrasted = {
  readonly head: "linear" | "mlp";
  readonly dimension: number;
  readonly temperature: number;
  readonly groups: number;
};

const heads = { linear: linearHead, mlp: mlpHead } as const;

/** What all methods with a projection head are built from. */
export function contrasting(
  { head, dimension, temperature, groups }: Contrasted,
  { backbone, input, optimizer, devices = virtualDevices }: Parts,
): ContrastConfig {
  return { backbone, head: heads[head](dimension), input, optimizer, temperature, devices: devices(groups) };
}

/** The settings of a head of MoCo v3. */
type Head = { readonly layers: number; readonly hidden: number; readonly lastNorm: boolean };

/** The projector or the predictor of v3: [N, F] to [N, D]. One without layers returns its input unchanged. */
export function normedHead(head: Head, dimension: number): Layer {
  return head.layers === 0 ? identity() : batchNormHead({ ...head, dimension });
}

/** The momentum of a key encoder: a number or a schedule. The key encoder moves once for each update. */
export function keyMomentum(
  { momentum, momentumSchedule: kind }: {
    readonly momentum: number;
    readonly momentumSchedule: "constant" | "cosine";
  },
  { epochs, stepsPerEpoch, accumulate }: Length,
): number | Schedule {
  const followed = kind === "constant" ? momentum : momentumSchedule({ base: momentum, epochs, stepsPerEpoch });
  return accumulate === 1 ? followed : everyNth(followed, accumulate);
}
