import { type Tensor, tf } from "../engine/mod.ts";
import { type Key, split } from "../core/random.ts";
import { map, type Tree } from "../core/tree.ts";
import type { Layer, Network, Shape } from "../nn/types.ts";
import type { Optimizer, Schedule } from "../optim/types.ts";
import { initQueue, type Queue } from "./queue.ts";

/** Everything that training changes, as one immutable tree. */
export type MocoState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The query encoder: trained by back-propagation. */
  readonly query: Network;
  /** The key encoder: follows the query encoder by momentum. */
  readonly key: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The dictionary of past keys. */
  readonly queue: Queue;
  /** The random key of the next step. */
  readonly random: Key;
};

/** What fixes a MoCo v1 or v2 training. The two differ in head, augmentation, temperature and schedule, not in step. */
export type MocoConfig = {
  /** Images to features, float32 [N, F]; what is kept after pretraining. */
  readonly backbone: Layer;
  /** Features to the vectors that are contrasted, float32 [N, D]; v1: linear, v2: MLP. */
  readonly head: Layer;
  /** The shape of an image: [height, width, channels]. */
  readonly input: Shape;
  /** How gradients become updates. */
  readonly optimizer: Optimizer;
  /** K, the number of keys in the queue. */
  readonly queueSize: number;
  /** m of the momentum update: a number in [0, 1], or a schedule. */
  readonly momentum: number | Schedule;
  /** T; v1: 0.07, v2: 0.2. */
  readonly temperature: number;
  /** Batch-norm groups: virtual parts of the batch. Default 1. */
  readonly groups?: number;
  /** Whether the key batch is permuted across the groups. Default true; with one group it changes nothing. */
  readonly shuffle?: boolean;
  /** Whether each view is query once and key once, the loss being the sum of both. Default false. */
  readonly symmetric?: boolean;
};

/**
 * A fresh state: the key encoder begins as a copy of the query encoder.
 *
 * @param config The training.
 * @param encoder Backbone and head as one layer.
 * @param key The random key.
 */
export function initState(config: MocoConfig, encoder: Layer, key: Key): MocoState {
  const [encoderKey, queueKey, random] = split(key, 3);
  const { network, output } = encoder.init(encoderKey, config.input);
  return {
    step: tf.scalar(0, "int32"),
    query: network,
    key: map((leaf) => tf.clone(leaf), network),
    optimizer: config.optimizer.init(network.params),
    queue: initQueue(queueKey, config.queueSize, output[0]),
    random,
  };
}
