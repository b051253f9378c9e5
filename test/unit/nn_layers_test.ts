import { assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { conv2d, rectify } from "../../src/engine/ops/mod.ts";
import { key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { conv } from "../../src/nn/conv.ts";
import { dense } from "../../src/nn/dense.ts";
import { linearClassifier, linearHead, mlpHead } from "../../src/nn/heads.ts";
import { averagePool, maxPool } from "../../src/nn/pool.ts";
import { relu } from "../../src/nn/relu.ts";
import { residual } from "../../src/nn/residual.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { withBfloat16 } from "../support/bfloat16.ts";
import { assertClose } from "../support/close.ts";
import { flat, initial, passes, scattered } from "../support/gradients.ts";
import { convolution, maxPooling } from "../support/windows.ts";

const evaluation = { training: false };
const images = (x: { dataSync: () => ArrayLike<number>; shape: number[] }) => ({
  values: x.dataSync(),
  shape: x.shape,
});

for (
  const [size, stride, padding, height, width, batch = 2, inputs = 2, channels = 3] of [
    [3, 1, 1, 5, 4], // computed as "SAME"
    [3, 2, 1, 6, 6], // even: the last row of padding is never reached
    [3, 2, 1, 7, 5], // odd
    [7, 2, 3, 9, 8], // the ImageNet stem
    [7, 2, 3, 3, 2], // smaller than the window
    [1, 2, 0, 5, 6], // a downsampling shortcut
    [1, 2, 0, 8, 8], // the same on even images, where oneDNN errs (see `takesPixelsFirst`)
    [3, 1, 0, 5, 5],
    [5, 1, 1, 6, 5], // neither "SAME" nor "VALID"
    [2, 3, 1, 5, 8],
    [1, 2, 1, 4, 5], // the window ends before the image does
    // deep layers
    [3, 1, 1, 4, 3, 16, 2, 256],
    [3, 2, 1, 6, 7, 16, 2, 256],
    [2, 2, 0, 5, 5, 16, 2, 256], // the window ends before the image does
    // Enough channels for a filter gradient that sees the border without a copy (see ops/filter_gradient.ts):
    [3, 2, 1, 6, 6, 2, 32, 9],
    [3, 2, 1, 7, 4, 2, 35, 8],
  ]
) {
  const window = { size, stride, padding };
  const on = `${height}x${width}${channels === 3 ? "" : `, ${inputs} to ${channels} channels, batch ${batch}`}`;
  Deno.test(`conv ${size}x${size}, stride ${stride}, padding ${padding} on ${on} equals plain loops, with gradients`, () => {
    scope(() => {
      const layer = conv({ channels, ...window });
      const network = { params: { weight: scattered([size, size, inputs, channels], 7) }, buffers: {} };
      const x = scattered([batch, height, width, inputs]);
      const cotangent = (index: number) => (index % 7 - 3) / 4;
      const expected = convolution(images(x), images(network.params.weight), window, cotangent);
      const dy = tf.tensor(
        Array.from({ length: expected.shape.reduce((a, b) => a * b) }, (_, i) => cotangent(i)),
        expected.shape,
      );
      const actual = passes(layer, network, x, dy);
      assertEquals([batch, ...layer.init(key(0), [height, width, inputs]).output], expected.shape);
      assertEquals(actual.output.shape, expected.shape);
      const y = Array.from({ length: dy.size }, (_, at) => expected.y[at] ?? 0);
      const { dx, dw } = expected;
      assertClose(flat(actual.output), y, "reduction");
      assertClose(flat(actual.dx), dx, "gradient");
      assertClose(flat(actual.dParams), { weight: dw }, "gradient");
    });
  });
}

Deno.test("the filter gradient of a large batch, computed in parts, is the sum of its halves'", () => {
  scope(() => {
    const layer = conv({ channels: 256, size: 3, padding: 1 });
    const network = { params: { weight: scattered([3, 3, 1, 256], 7) }, buffers: {} };
    const [x, dy] = [scattered([128, 8, 8, 1]), scattered([128, 8, 8, 256], 11)];
    const gradient = (x: tf.Tensor, dy: tf.Tensor) => passes(layer, network, x, dy).dParams.weight as tf.Tensor;
    const [first, second] = [0, 1].map((half) => gradient(tf.split(x, 2)[half], tf.split(dy, 2)[half]));
    assertClose(flat(gradient(x, dy)), flat(tf.add(first, second)), "gradient");
  });
});

for (
  const [size, stride, padding, height, width] of [[3, 2, 1, 8, 8], [3, 2, 1, 7, 5], [2, 2, 0, 5, 4], [3, 1, 1, 4, 4]]
) {
  const window = { size, stride, padding };
  Deno.test(`max pool ${size}x${size}, stride ${stride}, padding ${padding} on ${height}x${width} equals plain loops, with gradient`, () => {
    scope(() => {
      const x = tf.sub(scattered([2, height, width, 3]), 2); // all below 0: a border of zeros would win
      const cotangent = (index: number) => (index % 5 - 2) / 2;
      const expected = maxPooling(images(x), window, cotangent);
      const dy = tf.tensor(expected.y.map((_, index) => cotangent(index)), expected.shape);
      const actual = passes(maxPool(window), { params: {}, buffers: {} }, x, dy);
      assertEquals([2, ...maxPool(window).init(key(0), [height, width, 3]).output], expected.shape);
      assertClose(flat(actual.output), expected.y, "exact");
      assertClose(flat(actual.dx), expected.dx, "exact");
    });
  });
}

Deno.test("max pool with a border is the same compiled, also through XLA, with gradient", () => {
  scope(() => {
    const x = tf.sub(scattered([2, 6, 5, 3]), 2);
    const pooled = (x: tf.Tensor) => {
      const layer = maxPool({ size: 3, stride: 2, padding: 1 });
      const { output, dx } = passes(layer, { params: {}, buffers: {} }, x, tf.ones([2, 3, 3, 3]));
      return { output, dx };
    };
    const eager = pooled(x);
    for (const compiled of [jit(pooled)(x), jit(pooled, { xla: true })(x)]) {
      assertClose(flat(compiled.output), flat(eager.output), "exact");
      assertClose(flat(compiled.dx), flat(eager.dx), "exact");
    }
  });
});

Deno.test("max pool with a border is the same in bfloat16, with gradient", () => {
  scope(() => {
    const numbers = Array.from({ length: 2 * 7 * 6 * 4 }, (_, index) => -1 - (index * 37) % 101); // bfloat16 holds them
    const x = tf.tensor(numbers, [2, 7, 6, 4]);
    const same = tf.reshape(tf.eye(4), [1, 1, 4, 4]);
    const layer = maxPool({ size: 3, stride: 2, padding: 1 });
    const pooled = (x: Tensor) => {
      const images = conv2d(x, same, 1, { before: 0, after: [0, 0] }); // its result is in the step's precision
      const { output, dx } = passes(layer, { params: {}, buffers: {} }, images, tf.ones([2, 4, 3, 4]));
      return { output, dx };
    };
    const eager = pooled(x);
    const inBfloat16 = withBfloat16("always", () => jit(pooled, { precision: "bfloat16" })(x));
    assertClose(flat(inBfloat16.output), flat(eager.output), "exact");
    assertClose(flat(inBfloat16.dx), flat(eager.dx), "exact");
  });
});

Deno.test("global average pool is the mean over the image; its gradient is the same share for every pixel", () => {
  scope(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 20], [1, 2, 2, 2]);
    const { output, dx } = passes(averagePool(), { params: {}, buffers: {} }, x, tf.tensor2d([[4, -8]]));
    assertClose(flat(output), [4, 8], "exact");
    assertClose(flat(dx), [1, -2, 1, -2, 1, -2, 1, -2], "exact");
  });
});

Deno.test("average pool over a grid is the mean of each cell; cells of an odd image share its middle row and column", () => {
  scope(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const weights = tf.tensor2d([[4, 8, 12, 16]]);
    const { output, dx } = passes(averagePool({ grid: 2 }), { params: {}, buffers: {} }, x, weights);
    assertClose(flat(output), [3, 4, 6, 7], "exact");
    assertClose(flat(dx), [1, 3, 2, 4, 10, 6, 3, 7, 4], "exact");
    const channels = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
    const { output: cells } = averagePool({ grid: 2 }).apply({ params: {}, buffers: {} }, channels, evaluation);
    assertClose(flat(cells), [1, 2, 3, 4, 5, 6, 7, 8], "exact");
  });
  assertEquals(averagePool({ grid: 2 }).init(key(0), [3, 3, 5]).output, [20]);
  assertThrows(() => averagePool({ grid: 0 }), RangeError, "found 0");
});

Deno.test("relu keeps what is positive, and so does its gradient, 0 at 0", () => {
  scope(() => {
    const x = tf.tensor1d([-2, -0.5, 0, 0.5, 2]);
    const { output, dx } = passes(relu(), { params: {}, buffers: {} }, x, tf.tensor1d([1, 2, 3, 4, 5]));
    assertClose(flat(output), [0, 0, 0, 0.5, 2], "exact");
    assertClose(flat(dx), [0, 0, 0, 4, 5], "exact");
  });
});

Deno.test("dense is x W + b, with gradients", () => {
  scope(() => {
    const params = { weight: tf.tensor2d([[1, 2, 3], [4, 5, 6]]), bias: tf.tensor1d([10, 20, 30]) };
    const x = tf.tensor2d([[1, -1], [2, 0.5]]);
    const actual = passes(dense({ features: 3 }), { params, buffers: {} }, x, tf.tensor2d([[1, 0, 2], [0, -1, 1]]));
    assertClose(flat(actual.output), [7, 17, 27, 14, 26.5, 39], "exact");
    assertClose(flat(actual.dx), [1 + 6, 4 + 12, -2 + 3, -5 + 6], "exact");
    assertClose(flat(actual.dParams), { weight: [1, -2, 4, -1, -0.5, -2 + 0.5], bias: [1, -1, 3] }, "exact");
    const unbiased = dense({ features: 3, bias: false });
    assertClose(
      flat(unbiased.apply({ params: { weight: params.weight }, buffers: {} }, x, evaluation).output),
      [-3, -3, -3, 4, 6.5, 9],
      "exact",
    );
  });
});

Deno.test("conv with a bias adds it to each channel, with gradient", () => {
  scope(() => {
    const layer = conv({ channels: 2, size: 1, bias: true });
    const params = { weight: tf.tensor4d([2, 3], [1, 1, 1, 2]), bias: tf.tensor1d([10, 20]) };
    const x = tf.tensor4d([1, 2], [1, 1, 2, 1]);
    const { output, dParams } = passes(layer, { params, buffers: {} }, x, tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]));
    assertClose(flat(output), [12, 23, 14, 26], "exact");
    assertClose(flat(dParams), { weight: [1 + 6, 2 + 8], bias: [4, 6] }, "exact");
  });
});

Deno.test("conv starts with normal weights of variance 2 / (size^2 out), dense uniform within 1 / sqrt(in)", () => {
  scope(() => {
    const { weight } = initial(conv({ channels: 64, size: 3 }), [8, 8, 32]).params as { weight: tf.Tensor };
    const { mean, variance } = tf.moments(weight);
    const deviation = Math.sqrt(2 / (9 * 64));
    const standardError = deviation / Math.sqrt(weight.size);
    assertClose(mean, 0, { relative: 0, absolute: 4 * standardError }); // four standard errors
    assertClose(tf.sqrt(variance), deviation, { relative: 4 / Math.sqrt(2 * weight.size), absolute: 0 });

    const params = initial(dense({ features: 200 }), [100]).params as { weight: tf.Tensor; bias: tf.Tensor };
    for (const [name, value] of Object.entries(params)) {
      const [least, greatest] = [tf.min(value).dataSync()[0], tf.max(value).dataSync()[0]];
      assertEquals([least >= -0.1, greatest <= 0.1], [true, true], name);
      // The extremes of n uniform draws lie within 10/n of the bounds, but for e^-10.
      assertClose([least, greatest], [-0.1, 0.1], { relative: 10 / value.size * 2, absolute: 0 }, name);
    }
  });
});

Deno.test("heads are named as nn.Linear and nn.Sequential name their parts; the MLP's hidden layer is rectified", () => {
  scope(() => {
    const linear = linearHead(2).init(key(1), [3]);
    assertEquals(entries(linear.network.params).map(([name, { shape }]) => [name, shape]), [
      ["weight", [3, 2]],
      ["bias", [2]],
    ]);
    const mlp = mlpHead(2).init(key(1), [3]);
    assertEquals(entries(mlp.network.params).map(([name, { shape }]) => [name, shape]), [
      ["0.weight", [3, 3]],
      ["0.bias", [3]],
      ["2.weight", [3, 2]],
      ["2.bias", [2]],
    ]);
    const identity = { weight: tf.eye(3), bias: tf.tensor1d([0, 1, 0]) };
    const last = { weight: tf.tensor2d([[1, 10], [2, 20], [3, 30]]), bias: tf.tensor1d([0.5, -0.5]) };
    const { output } = mlpHead(2).apply(
      { params: { 0: identity, 2: last }, buffers: {} },
      tf.tensor2d([[1, -3, 2]]),
      evaluation,
    );
    assertClose(flat(output), [1 + 6 + 0.5, 10 + 60 - 0.5], "exact");
  });
});

Deno.test("a linear classifier starts with normal weights of deviation 0.01 and zero biases", () => {
  scope(() => {
    const { weight, bias } = initial(linearClassifier(50), [80]).params as Record<string, Tensor>;
    assertClose(bias, new Array(50).fill(0), "exact");
    const values = Array.from(weight.dataSync());
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    // Four standard errors of 4,000 draws; the fourth moment tells a normal distribution from a uniform one.
    assertClose(moment(1), 0, { relative: 0, absolute: 4 * 0.01 / Math.sqrt(4000) }, "mean");
    assertClose(moment(2), 1e-4, { relative: 4 * Math.sqrt(2 / 4000), absolute: 0 }, "variance");
    assertClose(moment(4), 3e-8, { relative: 4 * Math.sqrt(96 / 9 / 4000), absolute: 0 }, "fourth moment");
  });
});

Deno.test("a residual block is relu(branch + shortcut), and its gradient goes both ways", () => {
  scope(() => {
    const one = (value: number) => ({ weight: tf.tensor4d([value], [1, 1, 1, 1]) });
    const x = tf.tensor4d([1, -2, 3], [1, 1, 3, 1]);
    const dy = tf.tensor4d([1, 1, 10], [1, 1, 3, 1]);
    const branch = sequential({ conv1: conv({ channels: 1, size: 1 }) });
    const activation = rectify;
    const same = passes(residual(branch, { activation }), { params: { conv1: one(2) }, buffers: {} }, x, dy);
    assertClose(flat(same.output), [3, 0, 9], "exact");
    assertClose(flat(same.dx), [3, 0, 30], "exact");
    const params = { conv1: one(2), downsample: one(-3) };
    const shortcut = conv({ channels: 1, size: 1 });
    const changed = passes(
      residual(branch, { shortcut, name: "downsample", activation }),
      { params, buffers: {} },
      x,
      dy,
    );
    assertClose(flat(changed.output), [0, 2, 0], "exact");
    assertClose(flat(changed.dx), [0, -1, 0], "exact");
    assertClose(flat(changed.dParams), { conv1: { weight: [-2] }, downsample: { weight: [-2] } }, "exact");
  });
});

Deno.test("layers without a name put their values beside the others', and each layer draws its own", () => {
  scope(() => {
    const square = () => dense({ features: 3 });
    const layer = sequential(
      batchNorm(),
      { a: square(), b: square() },
      residual(sequential({ c: square() }), {
        shortcut: square(),
        name: "downsample",
      }),
    );
    const { network, output } = layer.init(key(0), [3]);
    const pathsOf = (values: typeof network.params) => entries(values).map(([path]) => path);
    assertEquals(output, [3]);
    assertEquals(pathsOf(network.params), [
      ...["weight", "bias", "a.weight", "a.bias", "b.weight", "b.bias"],
      ...["c.weight", "c.bias", "downsample.weight", "downsample.bias"],
    ]);
    assertEquals(pathsOf(network.buffers), ["running_mean", "running_var"]);
    const weights = entries(network.params).filter(([path]) => path.endsWith(".weight"));
    assertEquals(new Set(weights.map(([, weight]) => weight.dataSync().join())).size, 4);

    const x = tf.tensor2d([[1, 2, 3], [4, -5, 6]]);
    const passed = layer.apply(network, x, { training: true });
    assertEquals(pathsOf(passed.buffers), ["running_mean", "running_var"]);
    const { a, b, c, downsample, ...norm } = network.params;
    const linear = (params: typeof a, x: Tensor) =>
      square().apply({ params: params as typeof network.params, buffers: {} }, x, evaluation).output;
    const normed = batchNorm().apply({ params: norm, buffers: network.buffers }, x, { training: true }).output;
    const hidden = linear(b, linear(a, normed));
    assertClose(passed.output, tf.add(linear(downsample, hidden), linear(c, hidden)), "exact");
  });
});

Deno.test("two layers whose values have one name are refused, because one of them would be lost", () => {
  scope(() => {
    const square = () => dense({ features: 3 });
    const refuses = (layer: ReturnType<typeof sequential>, message: string) =>
      assertThrows(() => layer.init(key(0), [3]), TypeError, message);
    refuses(
      sequential({ block: sequential(square(), square()) }),
      `Cannot initialize layers "block": expected values of different names, found "weight" twice`,
    );
    refuses(sequential({ a: square() }, { a: square() }), `found "a" twice`);
    refuses(residual(square(), { shortcut: square() }), `found "weight" twice`);
  });
});

Deno.test("what does not fit is refused by the layer's path, with what was expected and found", () => {
  scope(() => {
    const network = sequential({
      layer1: sequential({ 0: sequential({ conv1: conv({ channels: 4, size: 3, padding: 1 }) }) }),
      pool: averagePool(),
      head: dense({ features: 2 }),
    });
    const { network: values } = network.init(key(0), [5, 5, 3]);
    const apply = (params: typeof values.params, shape: number[]) => () =>
      network.apply({ params, buffers: {} }, tf.zeros(shape), evaluation);
    const refuses = (f: () => unknown, message: string) => assertThrows(f, TypeError, message);
    refuses(
      apply(values.params, [1, 5, 5, 4]),
      `Cannot apply conv "layer1.0.conv1": expected images of 3 channels, found [1, 5, 5, 4]`,
    );
    refuses(
      apply(values.params, [1, 5]),
      `Cannot apply conv "layer1.0.conv1": expected images [height, width, channels] of at least 1 x 1, found [5]`,
    );
    refuses(
      apply({ ...values.params, head: { weight: tf.zeros([4, 3]) } }, [1, 5, 5, 3]),
      `Cannot apply dense "head": expected "weight" of shape [4, 2], found [4, 3]`,
    );
    refuses(
      apply({ layer1: values.params.layer1 }, [1, 5, 5, 3]),
      `Cannot apply dense "head": expected "weight" of shape [4, 2], found none`,
    );
    refuses(
      () => sequential({ head: dense({ features: 2 }) }).init(key(0), [5, 5, 3]),
      `Cannot initialize dense "head": expected features [in] or tokens [T, in], found [5, 5, 3]`,
    );
    refuses(
      () => residual(sequential({ conv1: conv({ channels: 4, size: 1 }) })).init(key(0), [5, 5, 3]),
      `Cannot initialize residual: expected a shortcut of shape [5, 5, 4], found [5, 5, 3]`,
    );
    refuses(
      () => conv({ channels: 4, size: 3 }).init(key(0), [2, 5, 3]),
      `Cannot initialize conv: expected images [height, width, channels] of at least 3 x 3, found [2, 5, 3]`,
    );
  });
});
