import type { StoredTensor } from "../../files/safetensors.ts";

/** A tensor of a graph in the making, by its name. */
export type Value = string;

/** The tensor of a name below the backbone: `layer1.0.conv1.weight`. */
export type Tensors = (name: string) => StoredTensor;

/** What encoders are made of. A format of graphs says how each of these is written in it. */
export type Operations = {
  /** Images or maps through a square filter [size, size, in, out]. */
  readonly convolution: (x: Value, filter: StoredTensor, how: Convolution) => Value;
  /** Batch norm of maps by their running statistics. */
  readonly batchNorm: (x: Value, values: BatchNorm) => Value;
  readonly relu: (x: Value) => Value;
  /** The greatest of each 3 x 3 pixels at stride 2, with a border of 1, of values that are at least 0. */
  readonly maxPool: (x: Value) => Value;
  readonly add: (a: Value, b: Value) => Value;
  /** A part of a map: rows and columns from a first one on. */
  readonly part: (x: Value, box: Box) => Value;
  /** The mean of a map, [N, F]. */
  readonly mapMean: (x: Value) => Value;
  /** Features side by side, [N, F] each. */
  readonly joined: (features: readonly Value[]) => Value;
  /** The patches of a map row by row, [N, T, D]. */
  readonly tokens: (map: Value, count: number, dimension: number) => Value;
  /** Tokens behind one that is the same for all images, [1, 1, D]. */
  readonly withFirst: (tokens: Value, first: StoredTensor) => Value;
  /** Tokens plus those of a tensor, [1, T, D]. */
  readonly plus: (tokens: Value, other: StoredTensor) => Value;
  /** Layer norm of each token. */
  readonly layerNorm: (tokens: Value, weight: StoredTensor, bias: StoredTensor) => Value;
  /** A linear map of features or of each token by a matrix [in, out]. */
  readonly linear: (tokens: Value, weight: StoredTensor, bias: StoredTensor) => Value;
  readonly gelu: (x: Value) => Value;
  /** From queries, keys and values side by side, [N, T, 3D], to the outputs of the heads side by side, [N, T, D]. */
  readonly attention: (
    qkv: Value,
    sizes: { readonly count: number; readonly heads: number; readonly dimension: number },
  ) => Value;
  /** The first token of each image, [N, D]. */
  readonly firstToken: (tokens: Value) => Value;
  /** The mean of the tokens of each image, [N, D]. */
  readonly tokenMean: (tokens: Value) => Value;
};

/** A part of a map, pixels. */
export type Box = { readonly top: number; readonly left: number; readonly rows: number; readonly columns: number };

/** How a filter is applied. */
export type Convolution = {
  readonly stride: number;
  /** Pixels of zeros on each side. */
  readonly padding: number;
  readonly bias?: StoredTensor;
};

/** The values of batch norm. */
export type BatchNorm = {
  readonly scale: StoredTensor;
  readonly shift: StoredTensor;
  readonly mean: StoredTensor;
  readonly variance: StoredTensor;
};

/**
 * The outputs of an encoder: its last map or its tokens, its features [N, F], and the logits [N, C] if it has a
 * classifier.
 */
export type Encoded = { readonly hidden: Value; readonly features: Value; readonly logits?: Value };

/** The values of a batch norm by its name. */
export function batchNormOf(tensors: Tensors, name: string): BatchNorm {
  const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((value) =>
    tensors(`${name}.${value}`)
  );
  return { scale, shift, mean, variance };
}
