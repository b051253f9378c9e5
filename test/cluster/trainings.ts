/**
 * Small trainings of every method, which several processes take part in, or one that stands for all of them.
 *
 * @module
 */
import { type Devices, type Part, partOf, whole } from "../../src/core/devices.ts";
import { foldIn, integers, key, normal, permutation } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { jit, type Tensor, tf, toFloat } from "../../src/engine/mod.ts";
import { createEndToEnd } from "../../src/methods/end_to_end.ts";
import { createMemoryBank } from "../../src/methods/memory_bank.ts";
import { createMoco } from "../../src/methods/moco.ts";
import { createMocoV3 } from "../../src/methods/moco_v3.ts";
import { createSimclr } from "../../src/methods/simclr.ts";
import { createSupervised } from "../../src/methods/supervised.ts";
import type { Method, PerImage, Views } from "../../src/methods/types.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { conv } from "../../src/nn/conv.ts";
import { batchNormHead, linearHead, mlpHead } from "../../src/nn/heads.ts";
import { averagePool } from "../../src/nn/pool.ts";
import { relu } from "../../src/nn/relu.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { tinyEncoder } from "../support/tiny_encoder.ts";

/** Images of the whole batch. */
export const batch = 16;

/** Steps of each training. */
const steps = 3;

/** Images of the data set, for each of which a memory bank has a row: no multiple of the number of processes. */
const images = 41;

const sizes = { features: 6, hidden: 8, dimension: 4 };
const descent = { momentum: 0.9, weightDecay: 1e-3 };
const common = { ...tinyEncoder(sizes), optimizer: sgd({ ...descent, learningRate: 0.1 }), temperature: 0.2 };
const withQueue = { ...common, queueSize: 64, momentum: 0.9 };
// Its batch norms, one after another, make more of each rounding the faster the weights change.
const v3 = {
  optimizer: sgd({ ...descent, learningRate: 0.01 }),
  ...{ projector: batchNormHead({ layers: 2, hidden: 8, dimension: 4 }), momentum: 0.9, temperature: 0.5 },
  ...{ predictor: batchNormHead({ layers: 2, hidden: 8, dimension: 4, lastNorm: false }) },
};

/** A method as it is trained on some devices. */
export type Trained = {
  readonly method: (devices: Devices) => Method;
  /** Whether batch norm normalises the samples of each process by themselves, or all together. */
  readonly groups: 1 | "all";
  /** The shape of an image. */
  readonly input: readonly number[];
};

/** A layer of maps with batch norm. */
const convolutional = sequential({
  conv: conv({ channels: 8, size: 3 }),
  norm: batchNorm(),
  relu: relu(),
  pool: averagePool(),
});

/** Every method by name. */
export const trainings: Readonly<Record<string, Trained>> = {
  v1: trained(1, (devices) => createMoco({ ...withQueue, devices, head: linearHead(4), temperature: 0.07 })),
  v2: trained(1, (devices) => createMoco({ ...withQueue, devices, head: mlpHead(4) })),
  "v2, symmetric": trained(1, (devices) => createMoco({ ...withQueue, devices, symmetric: true })),
  v3: trained(1, (devices) => createMocoV3({ ...common, ...v3, devices })),
  "v3, SyncBN": trained(
    "all",
    (devices) => createMocoV3({ ...common, ...v3, devices, backbone: convolutional, input: [4, 4, 3] }),
    [4, 4, 3],
  ),
  SimCLR: trained("all", (devices) => createSimclr({ ...common, devices })),
  "end-to-end": trained(1, (devices) => createEndToEnd({ ...common, devices })),
  "memory bank": trained(
    1,
    (devices) => createMemoryBank({ ...common, devices, images, negatives: 20, momentum: 0.5 }),
  ),
  supervised: trained("all", (devices) => createSupervised({ ...common, devices, classes: 4, labelSmoothing: 0.1 })),
};

function trained(groups: 1 | "all", method: Trained["method"], input: readonly number[] = common.input): Trained {
  return { groups, method, input };
}

/** What a training left: the loss of each step, and every tensor of its last state by path, whole. */
export type Left = {
  readonly losses: readonly number[];
  readonly state: Readonly<Record<string, readonly number[]>>;
};

/**
 * Trains from a seed on views from a seed.
 *
 * @param training The training.
 * @param devices The devices.
 * @param part Which part of every batch this process has, and of how many. Default: the whole.
 */
export function train({ method, input }: Trained, devices: Devices, part: Part = whole): Left {
  const { init, step, perImage } = method(devices);
  const compiled = jit(step, { donated: [0], name: "step" });
  const losses: number[] = [];
  let state = init(key(5));
  for (let number = 0; number < steps; number++) {
    const next = scope(() => compiled(state, viewsOf(number, input, part)));
    losses.push(next.metrics.loss.dataSync()[0]);
    dispose(next.metrics);
    state = next.state;
  }
  return { losses, state: valuesOf(state, perImage, devices) };
}

/** The views of a step: a part of a batch that depends on nothing but the step. */
function viewsOf(step: number, input: readonly number[], part: Part): Views {
  const random = (number: number) => foldIn(foldIn(key(7), step), number);
  const draw = (number: number) => partOf(normal(random(number), [batch, ...input]), part);
  const places = tf.slice(permutation(random(2), images), [0], [batch]);
  const labels = integers(random(3), [batch], 4);
  return { query: draw(0), key: draw(1), index: partOf(places, part), labels: partOf(labels, part) };
}

/** The values of a state, with the rows of all processes where they share them. */
function valuesOf(tree: Tree, perImage: PerImage | undefined, { gather }: Devices): Left["state"] {
  const whole = (path: string, leaf: Tensor) =>
    perImage?.leaves.includes(path) ? tf.slice(gather(toFloat(leaf)), [0], [perImage.images]) : leaf;
  return Object.fromEntries(entries(tree).map(([path, leaf]) => [path, [...whole(path, leaf).dataSync()]]));
}
