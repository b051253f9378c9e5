import { type Tensor, tf } from "../engine/mod.ts";
import { type Key, split } from "../core/random.ts";
import { map, type Tree } from "../core/tree.ts";
import type { Layer, Network, Params, Shape } from "../nn/types.ts";
import type { Optimizer, Schedule } from "../optim/types.ts";

/** Everything that a MoCo v3 training changes, as one immutable tree. */
export type MocoV3State = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The query encoder, backbone and projector: trained by back-propagation. */
  readonly query: Network;
  /** The key encoder, of the same layers: follows the query encoder by momentum. */
  readonly key: Network;
  /** The predictor on top of the query encoder: trained by back-propagation, and no key encoder follows it. */
  readonly predictor: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/** What fixes a MoCo v3 training. ResNets and ViTs differ in layers, optimizer and temperature, not in step. */
export type MocoV3Config = {
  /** Images to features, float32 [N, F]; what is kept after pretraining. */
  readonly backbone: Layer;
  /** Features to keys, float32 [N, D]: in both encoders. */
  readonly projector: Layer;
  /** The query side's projections to what is contrasted with the keys, float32 [N, D] to [N, D]. */
  readonly predictor: Layer;
  /** The shape of an image: [height, width, channels]. */
  readonly input: Shape;
  /** How gradients become updates, of backbone, projector and predictor as one tree. */
  readonly optimizer: Optimizer;
  /** m of the momentum update: a number in [0, 1], or a schedule; the paper: `momentumSchedule`. */
  readonly momentum: number | Schedule;
  /** T; ResNet: 1, ViT: 0.2. */
  readonly temperature: number;
  /** Batch-norm groups. Default 1: the whole batch is normalised together, as synchronised batch norm does. */
  readonly groups?: number;
  /** The layers, by path, whose gradient norms are measured, each with all below it. Default: every layer. */
  readonly monitored?: readonly string[];
};

/** What the optimizer changes, as one tree: backbone, projector and predictor. */
export type Trained = Params & { readonly predictor: Params };

/** The trained parameters of a state. */
export function trainedOf({ query, predictor }: MocoV3State): Trained {
  return { ...query.params, predictor: predictor.params };
}

/**
 * A fresh state: the key encoder begins as a copy of the query encoder.
 *
 * @param config The training.
 * @param encoder Backbone and projector as one layer.
 * @param key The random key.
 */
export function initStateV3(config: MocoV3Config, encoder: Layer, key: Key): MocoV3State {
  const [encoderKey, predictorKey, random] = split(key, 3);
  const { network: query, output } = encoder.init(encoderKey, config.input);
  const { network: predictor, output: predicted } = config.predictor.init(predictorKey, output);
  if (`${predicted}` !== `${output}`) {
    throw new TypeError(`Cannot predict keys: expected a predictor to [${output}], found [${predicted}]`);
  }
  return {
    step: tf.scalar(0, "int32"),
    query,
    key: map((leaf) => tf.clone(leaf), query),
    predictor,
    optimizer: config.optimizer.init({ ...query.params, predictor: predictor.params }),
    random,
  };
}
