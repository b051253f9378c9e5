import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

const crossEntropyOp = defineOp({
  name: "SparseSoftmaxCrossEntropy",
  inputs: ["logits", "labels"],
  // One pass gives the loss and softmax(logits) - onehot(labels), which is all that the gradient needs.
  forward: ({ logits, labels }) => op("SparseSoftmaxCrossEntropyWithLogits", [logits, labels]),
  gradient: ([gradient], { outputs }) => ({ logits: () => tf.mul(tf.expandDims(gradient, 1), outputs[1]) }),
  saves: { inputs: [], outputs: [1] },
});

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
