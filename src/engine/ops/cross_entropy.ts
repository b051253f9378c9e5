import { mustBeDeterministic } from "../compile/mod.ts";
import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

const crossEntropyOp = defineOp({
  name: "SparseSoftmaxCrossEntropy",
  inputs: ["logits", "labels"],
  // One pass gives the loss and softmax(logits) - onehot(labels), which is all that the gradient needs.
  forward: ({ logits, labels }) =>
    mustBeDeterministic() ? inAnyCase(logits, labels) : op("SparseSoftmaxCrossEntropyWithLogits", [logits, labels]),
  gradient: ([gradient], { outputs }) => ({ logits: () => tf.mul(tf.expandDims(gradient, 1), outputs[1]) }),
  saves: { inputs: [], outputs: [1] },
});

/**
 * The same in several passes. On a GPU, TensorFlow refuses to do it in one where its results have to be the same every
 * time.
 */
export function inAnyCase(logits: Tensor, labels: Tensor): Tensor[] {
  const [logProbabilities] = op("LogSoftmax", [logits]); // [N, classes]
  const oneHot = tf.oneHot(labels, logits.shape[1]!);
  const own = tf.where(tf.cast(oneHot, "bool"), logProbabilities, 0); // and no product: a logit may be -Infinity
  return [tf.neg(tf.sum(own, 1)), tf.sub(tf.exp(logProbabilities), oneHot)];
}

/**
 * Cross-entropy of each row's softmax against its label: -log softmax(logits)[label].
 *
 * @param logits float32 [N, classes].
 * @param labels int32 [N].
 * @returns float32 [N], nats. Differentiable with respect to the logits.
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return crossEntropyOp({ logits, labels })[0];
}
