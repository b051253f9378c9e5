/**
 * What the members of a cluster compute together. Every member calls the same operations in the same order, eagerly or
 * in a compiled function. An operation fails where another member does not come to it within the cluster's patience.
 *
 * @module
 */
import { type Attributes, defineOp, op, type Tensor, tf, type Wire } from "../native/mod.ts";
import type { Cluster } from "./cluster.ts";

/** The key of the group that all members form. */
const EVERYONE = 1;

/** Every operation has a key of its own, by which TensorFlow knows what belongs together. */
let operations = 0;

function collective(name: string, x: Tensor, { size, patience }: Cluster, attributes: Attributes = {}): Tensor {
  const keys = [size, EVERYONE, ++operations].map((key) => tf.scalar(key, "int32"));
  return op(name, [x, ...keys], {
    ...attributes,
    communication_hint: "auto",
    timeout_seconds: patience,
    is_stateless: false,
    Nordering_token: 0,
  })[0];
}

/**
 * The sum of a tensor over all members. Each of them gets the same bits.
 *
 * @param cluster The members.
 * @param x float32 of the same shape on every member.
 * @returns float32 as x. Not differentiable.
 */
export function sumOverMembers(cluster: Cluster, x: Tensor): Tensor {
  return tf.tidy(() => reduced(cluster, x, "Id"));
}

/**
 * The mean of a tensor over all members. Each of them gets the same bits.
 *
 * @param cluster The members.
 * @param x float32 of the same shape on every member.
 * @param wire How the numbers travel. In bfloat16 each is rounded to 8 bits on its way, and so is each sum of two.
 * Default "float32".
 * @returns float32 as x. Not differentiable.
 */
export function meanOverMembers(cluster: Cluster, x: Tensor, wire: Wire = "float32"): Tensor {
  const cast = (tensor: Tensor, DstT: Wire) => wire === "float32" ? tensor : op("Cast", [tensor], { DstT })[0];
  return tf.tidy(() => cast(reduced(cluster, cast(x, wire), "Div"), "float32"));
}

function reduced(cluster: Cluster, x: Tensor, final_op: "Id" | "Div"): Tensor {
  const attributes = { merge_op: "Add", final_op, max_subdivs_per_device: -1 };
  return collective("CollectiveReduceV2", x, cluster, attributes);
}

/** Attributes hold no records, so the op is given the cluster by its parts. */
const gatherOp = defineOp({
  name: "CollectiveGather",
  inputs: ["x"],
  forward: ({ x }, { size, patience }) => {
    const cluster = { size, patience } as Cluster;
    return [tf.reshape(collective("CollectiveGatherV2", x, cluster), [cluster.size * x.shape[0], ...x.shape.slice(1)])];
  },
  // The rows of a member are in the result of every member.
  gradient: ([gradient], _, { rank, ...rest }) => ({
    x: () =>
      tf.tidy(() => {
        const cluster = rest as unknown as Cluster;
        const rows = gradient.shape[0] / cluster.size;
        const whole = sumOverMembers(cluster, gradient);
        return tf.slice(whole, [rank as number * rows], [rows]);
      }),
  }),
  saves: { inputs: [], outputs: [] },
});

/**
 * The rows of all members, one member's after the other's.
 *
 * @param cluster The members.
 * @param x float32 or int32 [N, ...], of the same shape on every member.
 * @returns [size x N, ...]. Differentiable: what flows back to a member's rows is the sum over all members.
 */
export function gatherFromMembers({ rank, size, patience }: Cluster, x: Tensor): Tensor {
  return gatherOp({ x }, { rank, size, patience })[0];
}
