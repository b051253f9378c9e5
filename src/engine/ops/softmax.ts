import { type Tensor, tf } from "../backend.ts";
import { defineOp, op } from "../op.ts";

const softmaxOp = defineOp({
  name: "Softmax",
  inputs: ["logits"],
  forward: ({ logits }) => op("Softmax", [logits]),
  gradient: ([gradient], { outputs: { 0: y } }) => ({
    logits: () => {
      const last = tf.tensor1d([y.rank - 1], "int32");
      const [mean] = op("Sum", [op("Mul", [gradient, y])[0], last], { keep_dims: true }); // [..., 1], weighted by y
      return op("Mul", [op("Sub", [gradient, mean])[0], y])[0];
    },
  }),
  saves: { inputs: [], outputs: [0] },
});

/**
 * exp(x) over its sum along the last axis. tfjs's own gradient makes one product more.
 *
 * @param logits float32 [..., classes].
 * @returns float32 as logits. Differentiable.
 */
export function softmax(logits: Tensor): Tensor {
  return softmaxOp({ logits })[0];
}
