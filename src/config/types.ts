/**
 * The configuration of a pretraining run as a type. Every field is always there; which of them a run reads follows from
 * the names that it chooses, and the comment of a field says with which.
 *
 * @module
 */

/** The contrastive method. */
export type MethodConfig = {
  /**
   * `moco`: Momentum Contrast with a queue, where v1 and v2 differ in head, augmentation and schedule only. `moco-v3`:
   * without a queue, both views queries and keys, and a predictor. `end-to-end`: both encoders by back-propagation, the
   * keys of the batch. `simclr`: one encoder, every view against all others. `memory-bank`: a stored key for each image.
   */
  readonly name: "moco" | "moco-v3" | "end-to-end" | "simclr" | "memory-bank";
  /** K, the number of keys in the queue. With `moco`. */
  readonly queue: number;
  /** K, the number of keys that are sampled from the bank for a step. With `memory-bank`. */
  readonly negatives: number;
  /** m of the moving average, in [0, 1]: of the key encoder with `moco` and `moco-v3`, of a stored key with `memory-bank`. */
  readonly momentum: number;
  /** Whether m stays, or rises to 1 along half a cosine, with each step. With `moco` and `moco-v3`. */
  readonly momentumSchedule: "constant" | "cosine";
  /** T of the contrast. */
  readonly temperature: number;
  /** Both directions of the loss: each view is query once and key once. With `moco`; `moco-v3` always has both. */
  readonly symmetric: boolean;
  /** Shuffling BN. With `moco` and `end-to-end`. */
  readonly shuffle: boolean;
  /** The virtual groups of batch normalisation, whose part on several devices each device would play. */
  readonly groups: number;
};

/** The encoder: a backbone, and what makes the contrasted features of its own. */
export type EncoderConfig = {
  /** The backbone: a ResNet or a vision transformer. */
  readonly name: "resnet18" | "resnet34" | "resnet50" | "vit-tiny" | "vit-small" | "vit-base" | "vit-large";
  /** The multiplier of every layer's channels; 1 is the published network. With ResNets. */
  readonly width: number;
  /** The first layers: 3x3 at stride 1 for small images, or ImageNet's 7x7 at stride 2 with max-pooling. With ResNets. */
  readonly stem: "small" | "imagenet";
  /** The stride of the small stem: 2 quarters the cost of everything after it. With ResNets. */
  readonly stemStride: 1 | 2;
  /** Whether each residual block starts as the identity. With ResNets. */
  readonly zeroInitResidual: boolean;
  /**
   * The cells along each side of the last map whose means are the features of evaluation; 1 is the global mean, which
   * the head always sees. With ResNets.
   */
  readonly evaluationGrid: number;
  /** The height and width of a patch, pixels. With ViTs. */
  readonly patch: number;
  /** How a patch becomes a token: a projection that stays as it starts, a learned one, or convolutions. With ViTs. */
  readonly patchStem: "frozen" | "learned" | "conv";
  /** How a token knows its place. With ViTs. */
  readonly position: "sin-cos" | "learned" | "none";
  /** Whether the features are the class token's, or the mean of the patches'. With ViTs. */
  readonly pool: "class" | "mean";
  /** Whether the gradient computes each block's activations again, which takes less memory and more time. With ViTs. */
  readonly recompute: boolean;
  /** The channels of a token. With `vit-tiny`. */
  readonly channels: number;
  /** The number of blocks. With `vit-tiny`. */
  readonly depth: number;
  /** The number of attention heads. With `vit-tiny`. */
  readonly heads: number;
  /** The projection head: one linear layer (v1), or two with ReLU (v2). With all but `moco-v3`. */
  readonly head: "linear" | "mlp";
  /** The number of features that are contrasted. */
  readonly dimension: number;
};

/** A head of MoCo v3, the projector or the predictor: its output is `encoder.dimension`. With `moco-v3`. */
export type HeadConfig = {
  /** The number of linear layers. A predictor may have none: it is left out then. */
  readonly layers: number;
  /** The features between them. */
  readonly hidden: number;
  /** Whether batch norm ends it. */
  readonly lastNorm: boolean;
};

/** The optimizer and the schedule of its learning rate. */
export type OptimizerConfig = {
  /** The optimizer. */
  readonly name: "sgd" | "lars" | "adamw";
  /** The learning rate at the start, or after the warm-up. */
  readonly learningRate: number;
  /**
   * Whether the learning rate is for 256 images an update, and is multiplied by those that there are (`training.batch`
   * times `accumulate`) / 256. Else it is for the batch as it is.
   */
  readonly scaleByBatch: boolean;
  /** What is kept of the velocity. With `sgd` and `lars`. */
  readonly momentum: number;
  /** The weight decay: of every parameter; with `lars`, of those with two axes or more. */
  readonly weightDecay: number;
  /** How far one step may go, as a share of a parameter's norm. With `lars`. */
  readonly trust: number;
  /** What is kept of the mean gradient. With `adamw`. */
  readonly beta1: number;
  /** What is kept of the mean squared gradient. With `adamw`. */
  readonly beta2: number;
  /** What is added to the root of the mean square. With `adamw`. */
  readonly epsilon: number;
  /** The greatest norm of all gradients together; where absent, they are as long as they are. */
  readonly clipNorm?: number;
  /** Steps for one update, by the mean of their gradients; the key encoder moves as often. */
  readonly accumulate: number;
  /** How the learning rate falls. */
  readonly schedule: "cosine" | "step" | "constant";
  /** Whether the cosine moves with each epoch, as in v1 and v2, or with each step, as in v3. */
  readonly schedulePer: "epoch" | "iteration";
  /** Epochs of linear warm-up from 0. */
  readonly warmupEpochs: number;
  /** The epochs at which the schedule "step" multiplies the learning rate by 0.1. */
  readonly milestones: readonly number[];
};

/** The augmentation: a recipe of the papers, and the numbers in which it is to differ. */
export type AugmentConfig = {
  /**
   * The recipe of MoCo v1, of v2 (stronger: blur, and jitter for 4 images of 5), or of v3 (two views that differ: one
   * blurred always, one seldom and solarized at times). Numbers in its place are for both views.
   */
  readonly recipe: "v1" | "v2" | "v3";
  /** The height and width of a view, pixels. */
  readonly size: number;
  /**
   * The height and width of whole images in evaluation, pixels; where absent, `size`. Crops show things larger than
   * whole images do, so an encoder trained on small views does better on somewhat larger images.
   */
  readonly evaluationSize?: number;
  /** The least and greatest share of the image's area that a crop takes. */
  readonly cropScale?: readonly [number, number];
  /** The least and greatest ratio of a crop's width to its height. */
  readonly cropRatio?: readonly [number, number];
  /** The probability of colour jitter. */
  readonly jitterProbability?: number;
  /** The greatest change of brightness. */
  readonly brightness?: number;
  /** The greatest change of contrast. */
  readonly contrast?: number;
  /** The greatest change of saturation. */
  readonly saturation?: number;
  /** The greatest change of hue, turns. */
  readonly hue?: number;
  /** The probability of turning to grey. */
  readonly grayscaleProbability?: number;
  /** The probability of Gaussian blur. */
  readonly blurProbability?: number;
  /** The least and greatest standard deviation of the blur, pixels. */
  readonly blurSigma?: readonly [number, number];
  /** Taps of the blur's kernel, odd; where absent, by the size. */
  readonly blurKernel?: number;
  /** The probability of solarization. */
  readonly solarizeProbability?: number;
  /** The probability of a horizontal flip. */
  readonly flipProbability?: number;
  /** The mean of each channel, in [0, 1], that normalisation subtracts. */
  readonly mean?: readonly number[];
  /** The standard deviation of each channel that normalisation divides by. */
  readonly std?: readonly number[];
};

/** The images. */
export type DataConfig = {
  /** Which kind of data. */
  readonly name: "fashion-mnist" | "mnist" | "cifar10" | "cifar100" | "idx" | "folder";
  /** The folder or file; the two MNISTs are fetched where it is absent. */
  readonly path?: string;
  /** The number of images to use. */
  readonly limit?: number;
  /** What an image that cannot be decoded does. */
  readonly onUnreadable: "skip" | "stop";
};

/** The run. */
export type TrainingConfig = {
  /** Passes over the data. */
  readonly epochs: number;
  /** Images a step. */
  readonly batch: number;
  /** The seed of everything random. */
  readonly seed: number;
  /** The precision of convolutions and matrix products; state and loss are float32 always. */
  readonly precision: "float32" | "bfloat16";
  /** Whether the step is compiled. */
  readonly jit: boolean;
  /** Epochs from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** How many of the last checkpoints stay. */
  readonly keep: number;
  /** Epochs from one kNN evaluation to the next; 0 for none. */
  readonly evaluateEvery: number;
  /** Steps from one kNN evaluation to the next, beside those of the epochs; 0 for none. */
  readonly evaluateSteps: number;
  /** Steps from one line of metrics to the next. */
  readonly logEvery: number;
};

/** A whole configuration, checked: the only kind that the rest of the library sees. */
export type Config = {
  /** The contrastive method. */
  readonly method: MethodConfig;
  /** The encoder. */
  readonly encoder: EncoderConfig;
  /** The head of both encoders in MoCo v3. */
  readonly projector: HeadConfig;
  /** The head on top of the query encoder in MoCo v3. */
  readonly predictor: HeadConfig;
  /** The optimizer. */
  readonly optimizer: OptimizerConfig;
  /** The augmentation. */
  readonly augment: AugmentConfig;
  /** The images. */
  readonly data: DataConfig;
  /** The run. */
  readonly training: TrainingConfig;
};

/** What a configuration is wanted for. */
export type ParseOptions = {
  /** Whether images will be read, so that `data.path` must be there where the data needs one. Default true. */
  readonly data?: boolean;
};

/** Some fields of a configuration. */
export type PartialConfig = { readonly [Section in keyof Config]?: Partial<Config[Section]> };
