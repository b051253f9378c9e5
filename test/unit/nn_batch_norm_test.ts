import { assertEquals, assertThrows } from "@std/assert";
import { type Batch, batchNormEvaluation, batchNormGradient, batchNormTraining } from "../../reference/batch_norm.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { byGroup, inOrder } from "../../src/methods/shuffle_bn.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { assertClose } from "../support/close.ts";
import { initial, passes, scattered } from "../support/gradients.ts";

const channels = 3;
const values = {
  params: { weight: [1.5, -0.5, 2], bias: [0.25, 1, -1] },
  buffers: { running_mean: [0.5, -1, 0], running_var: [2, 0.5, 1] },
};
const network = () => ({
  params: { weight: tf.tensor1d(values.params.weight), bias: tf.tensor1d(values.params.bias) },
  buffers: {
    running_mean: tf.tensor1d(values.buffers.running_mean),
    running_var: tf.tensor1d(values.buffers.running_var),
  },
});
const reference = {
  scale: values.params.weight,
  offset: values.params.bias,
  runningMean: values.buffers.running_mean,
  runningVariance: values.buffers.running_var,
};

/** [N][P][C]. */
function batch(x: Tensor): Batch {
  return tf.reshape(x, [x.shape[0], -1, channels]).arraySync() as number[][][];
}

Deno.test("batch norm over features in groups equals the reference: output, statistics and gradients", () => {
  scope(() => {
    const [shape, groups] = [[8, channels], 4];
    const [x, dy] = [scattered(shape, 5), scattered(shape, 40)];
    const expected = batchNormTraining(batch(x), reference, groups);
    const gradients = batchNormGradient(batch(x), batch(dy), reference, groups);
    // The reference's groups are interleaved, the layer's are consecutive.
    const actual = passes(batchNorm(), network(), byGroup(x, groups), byGroup(dy, groups), {
      training: true,
      devices: virtualDevices(groups),
    });
    assertEquals(actual.output.shape, shape);
    assertClose(batch(inOrder(actual.output, groups)), expected.y, "reduction");
    assertClose(
      actual.buffers,
      { running_mean: expected.runningMean, running_var: expected.runningVariance },
      "reduction",
    );
    assertClose(batch(inOrder(actual.dx, groups)), gradients.x, "gradient");
    assertClose(actual.dParams, { weight: gradients.scale, bias: gradients.offset }, "gradient");
  });
});

for (const shape of [[8, 2, 3, channels], [8, channels]]) {
  Deno.test(`batch norm over [${shape}] in evaluation normalises by the running statistics and keeps them`, () => {
    scope(() => {
      const [x, dy] = [scattered(shape, 5), scattered(shape, 40)];
      const fixed = network();
      const actual = passes(batchNorm(), fixed, x, dy, { training: false, devices: virtualDevices(4) });
      assertClose(batch(actual.output), batchNormEvaluation(batch(x), reference), "reduction");
      assertClose(actual.buffers, values.buffers, "exact");
      const slopes = values.params.weight.map((w, c) => w / Math.sqrt(values.buffers.running_var[c] + 1e-5));
      assertClose(batch(actual.dx), batch(dy).map((p) => p.map((row) => row.map((d, c) => d * slopes[c]))), "gradient");
    });
  });
}

Deno.test("batch norm starts as the identity of normalised values; without affine it has no parameters", () => {
  scope(() => {
    assertClose(initial(batchNorm(), [2, 2, 2]), {
      params: { weight: [1, 1], bias: [0, 0] },
      buffers: { running_mean: [0, 0], running_var: [1, 1] },
    }, "exact");
    assertClose(initial(batchNorm({ scale: 0 }), [2]).params, { weight: [0, 0], bias: [0, 0] }, "exact");

    const plain = batchNorm({ affine: false });
    const { params, buffers } = initial(plain, [channels]);
    assertEquals(params, {});
    const x = scattered([6, channels]);
    const ones = {
      ...reference,
      scale: [1, 1, 1],
      offset: [0, 0, 0],
      runningMean: [0, 0, 0],
      runningVariance: [1, 1, 1],
    };
    for (
      const [training, expected] of [
        [true, batchNormTraining(batch(x), ones).y],
        [false, batchNormEvaluation(batch(x), ones)],
      ] as const
    ) {
      assertClose(batch(plain.apply({ params, buffers }, x, { training }).output), expected, "reduction");
    }
  });
});

Deno.test("batch norm's momentum and epsilon are the ones given", () => {
  scope(() => {
    const constants = { momentum: 0.5, epsilon: 0.25 };
    const x = scattered([6, channels]);
    const expected = batchNormTraining(batch(x), reference, 1, constants);
    const { output, buffers } = batchNorm(constants).apply(network(), x, { training: true });
    assertClose(batch(output), expected.y, "reduction");
    assertClose(buffers, { running_mean: expected.runningMean, running_var: expected.runningVariance }, "reduction");
    assertClose(
      batch(batchNorm(constants).apply(network(), x, { training: false }).output),
      batchNormEvaluation(batch(x), reference, constants),
      "reduction",
    );
  });
});

Deno.test("a single sample on all devices leaves running statistics that are numbers, as it does in a group", () => {
  scope(() => {
    const x = scattered([1, channels]);
    const together = { ...virtualDevices(), groups: "all" } as const;
    const [alone, all] = [virtualDevices(), together].map((devices) =>
      batchNorm().apply(network(), x, { training: true, devices }).buffers
    );
    assertClose(all, alone, "reduction");
  });
});

Deno.test("batch norm refuses a batch that its groups do not divide, by its path", () => {
  scope(() => {
    const layer = sequential({ layer1: sequential({ bn1: batchNorm() }) });
    const { network } = layer.init(key(0), [2]);
    assertThrows(
      () => layer.apply(network, tf.zeros([6, 2]), { training: true, devices: virtualDevices(4) }),
      TypeError,
      `Cannot apply batch norm "layer1.bn1": expected a batch that is a multiple of 4 groups, found 6 samples`,
    );
    assertThrows(() => layer.apply(network, tf.zeros([6, 2, 2]), { training: true }), TypeError, `"layer1.bn1"`);
  });
});
