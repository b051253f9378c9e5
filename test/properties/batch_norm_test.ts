import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import {
  type BatchNorm,
  batchNormEvaluation,
  batchNormGradient,
  batchNormTraining,
} from "../../reference/batch_norm.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { scope } from "../../src/core/scope.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { byGroup, inOrder } from "../../src/methods/shuffle_bn.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import type { Network } from "../../src/nn/types.ts";
import { matrices, sizes, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

type Case = {
  readonly groups: number;
  readonly height: number;
  readonly width: number;
  readonly x: number[][][];
  readonly dy: number[][][];
  readonly layer: BatchNorm;
};

/** A batch [N][P][C] of any number of groups, with enough spread in each that dividing by it is well conditioned. */
const cases: fc.Arbitrary<Case> = fc.record({
  groups: sizes(1, 3),
  each: sizes(2, 3),
  height: sizes(1, 2),
  width: sizes(1, 3),
  channels: sizes(1, 3),
}).chain(({ groups, each, height, width, channels }) => {
  const batch = fc.array(matrices(height * width, channels), { minLength: groups * each, maxLength: groups * each });
  return fc.record({
    groups: fc.constant(groups),
    height: fc.constant(height),
    width: fc.constant(width),
    x: batch,
    dy: batch,
    layer: fc.record({
      scale: vectors(channels),
      offset: vectors(channels),
      runningMean: vectors(channels),
      runningVariance: vectors(channels, 0.25, 2),
    }),
  });
}).filter(({ x, groups }) =>
  x[0][0].every((_, c) =>
    Array.from({ length: groups }, (_, g) => x.filter((_, n) => n % groups === g).flatMap((p) => p.map((v) => v[c])))
      .every((values) => Math.max(...values) - Math.min(...values) > 0.5)
  )
);

function networkOf({ scale, offset, runningMean, runningVariance }: BatchNorm): Network {
  return {
    params: { weight: tf.tensor1d([...scale]), bias: tf.tensor1d([...offset]) },
    buffers: { running_mean: tf.tensor1d([...runningMean]), running_var: tf.tensor1d([...runningVariance]) },
  };
}

Deno.test("batchNorm in training equals the reference: values, gradients and running statistics, in any groups", () => {
  fc.assert(fc.property(cases, ({ groups, height, width, x, dy, layer }) =>
    scope(() => {
      const shape = [x.length, height, width, layer.scale.length];
      const network = networkOf(layer);
      const cotangent = tf.tensor(dy.flat(2), shape);
      // Groups are interleaved in the batch and consecutive in the layer, as in the step.
      const { aux, gradients } = valueAndGrad(({ x, params }) => {
        const { output, buffers } = batchNorm().apply({ params, buffers: network.buffers }, byGroup(x, groups), {
          training: true,
          devices: virtualDevices(groups),
        });
        const y = inOrder(output, groups);
        return { loss: tf.sum(tf.mul(y, cotangent)), aux: { y, buffers } };
      }, { x: tf.tensor(x.flat(2), shape) as Tensor, params: network.params });

      const asBatch = (images: Tensor) => tf.reshape(images, [x.length, -1, shape[3]]);
      const expected = batchNormTraining(x, layer, groups);
      const normalized = conditioned("reduction", ({ x, layer }) => batchNormTraining(x, layer, groups).y, {
        x,
        layer,
      });
      assertClose(asBatch(aux.y), expected.y, normalized, "y");
      const { running_mean, running_var } = aux.buffers as Record<string, Tensor>;
      assertClose(running_mean, expected.runningMean, "reduction", "running mean");
      assertClose(running_var, expected.runningVariance, "reduction", "running variance");
      // dx is what is left of the cotangent when its mean and its share of x are taken off, divided by the spread of x.
      const gradient = ({ x, dy, layer }: { x: number[][][]; dy: number[][][]; layer: BatchNorm }) =>
        batchNormGradient(x, dy, layer, groups);
      const input = { x, dy, layer };
      const { weight, bias } = gradients.params as Record<string, Tensor>;
      const actual = { x: asBatch(gradients.x), scale: weight, offset: bias };
      assertClose(actual, gradient(input), conditioned("gradient", gradient, input), "gradient");
    })));
});

Deno.test("batchNorm in evaluation equals the reference, and the statistics stay as they are", () => {
  fc.assert(
    fc.property(cases, ({ height, width, x, layer }) =>
      scope(() => {
        const network = networkOf(layer);
        const images = tf.tensor(x.flat(2), [x.length, height, width, layer.scale.length]);
        const { output, buffers } = batchNorm().apply(network, images, { training: false });
        assertClose(
          tf.reshape(output, [x.length, -1, layer.scale.length]),
          batchNormEvaluation(x, layer),
          "reduction",
        );
        assertClose(buffers as Record<string, Tensor>, {
          running_mean: [...layer.runningMean],
          running_var: [...layer.runningVariance],
        }, "exact");
      })),
    { numRuns: 30 },
  );
});

Deno.test("batchNorm after a dense layer: features are images of one pixel", () => {
  fc.assert(
    fc.property(cases.filter(({ height, width }) => height * width === 1), ({ groups, x, layer }) =>
      scope(() => {
        const features = byGroup(tf.tensor2d(x.map(([row]) => row)), groups);
        const { output } = batchNorm().apply(networkOf(layer), features, {
          training: true,
          devices: virtualDevices(groups),
        });
        const expected = ({ x, layer }: Pick<Case, "x" | "layer">) =>
          batchNormTraining(x, layer, groups).y.map(([row]) => row);
        assertClose(inOrder(output, groups), expected({ x, layer }), conditioned("reduction", expected, { x, layer }));
      })),
    { numRuns: 30 },
  );
});

Deno.test("batchNorm: groups normalise apart, so that moving one group changes nothing in the other", () => {
  scope(() => {
    const { network } = batchNorm().init(tf.tensor1d([0, 0], "int32"), [1]);
    const run = (
      values: number[],
    ) => [
      ...batchNorm().apply(network, tf.tensor2d(values, [4, 1]), { training: true, devices: virtualDevices(2) }).output
        .dataSync(),
    ];
    assertEquals(run([1, 2, 3, 5]).slice(0, 2), run([1, 2, 30, 90]).slice(0, 2));
    assertThrows(() => batchNorm().apply(network, tf.zeros([5, 1]), { training: true, devices: virtualDevices(2) }));
  });
});
