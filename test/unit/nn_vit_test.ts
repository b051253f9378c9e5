import { assert, assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { key } from "../../src/core/random.ts";
import { liveTensors, scope } from "../../src/core/scope.ts";
import { entries, leaves, type Tree } from "../../src/core/tree.ts";
import { createMoco } from "../../src/methods/moco.ts";
import { attention } from "../../src/nn/attention.ts";
import { batchNormHead, linearHead } from "../../src/nn/heads.ts";
import { transformerBlock } from "../../src/nn/transformer_block.ts";
import type { Backbone, Layer, Params } from "../../src/nn/types.ts";
import { vit, vitBase, vitLarge, vitSmall, vitTiny } from "../../src/nn/vit.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { assertClose } from "../support/close.ts";
import { assertTreeClose } from "../support/golden.ts";
import { flat, initial, keptForGradient, passes, scattered } from "../support/gradients.ts";
import { bytesOf } from "../support/step_laws.ts";

const evaluation = { training: false };
const tiny = { dimension: 24, depth: 2, heads: 3, patch: 4 };

/** Paths and shapes of a layer's values. Traced, so that no large tensor is ever made. */
function shapesOf(layer: Layer, input: readonly number[]): Record<"params" | "buffers", [string, number[]][]> {
  const shapes: Record<"params" | "buffers", [string, number[]][]> = { params: [], buffers: [] };
  jit((seed: Tensor) => {
    const { params, buffers } = layer.init(seed, input).network;
    const list = (values: Params) => entries(values).map(([path, { shape }]): [string, number[]] => [path, shape]);
    Object.assign(shapes, { params: list(params), buffers: list(buffers) });
    return tf.add(seed, seed);
  })(key(0)).dispose();
  return shapes;
}

const count = (layer: Layer, input = [224, 224, 3]) =>
  shapesOf(layer, input).params.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);

Deno.test("ViTs have timm's numbers of parameters, without the classifier, where all of them are learned", () => {
  const learned = { stem: "learned", position: "learned" } as const;
  assertEquals(count(vitSmall(learned)), 21_665_664);
  assertEquals(count(vitBase(learned)), 85_798_656);
  assertEquals(count(vitLarge(learned)), 303_301_632);
  const [projection, positions] = [16 * 16 * 3 * 384 + 384, 197 * 384];
  assertEquals(count(vitSmall()), 21_665_664 - projection - positions);
});

Deno.test("MoCo v3's ViTs have 12 heads, the large one 16; the tiny one has 3", () => {
  const headsOf = ({ init, focus }: Backbone) => {
    let heads: number | undefined;
    jit((seed: Tensor) => { // traced: nothing is computed of what the result does not need
      heads = focus!.maps(init(seed, [32, 32, 3]).network, tf.zeros([1, 32, 32, 3])).shape[1];
      return tf.add(seed, seed);
    })(key(0)).dispose();
    return heads;
  };
  assertEquals([vitSmall(), vitBase(), vitLarge(), vitTiny()].map(headsOf), [12, 12, 16, 3]);
});

Deno.test("a ViT's leaves have timm's names and TensorFlow's layouts; what is fixed stands among the statistics", () => {
  const block = (index: number) => [
    [`blocks.${index}.norm1.weight`, [24]],
    [`blocks.${index}.norm1.bias`, [24]],
    [`blocks.${index}.attn.qkv.weight`, [24, 72]],
    [`blocks.${index}.attn.qkv.bias`, [72]],
    [`blocks.${index}.attn.proj.weight`, [24, 24]],
    [`blocks.${index}.attn.proj.bias`, [24]],
    [`blocks.${index}.norm2.weight`, [24]],
    [`blocks.${index}.norm2.bias`, [24]],
    [`blocks.${index}.mlp.fc1.weight`, [24, 96]],
    [`blocks.${index}.mlp.fc1.bias`, [96]],
    [`blocks.${index}.mlp.fc2.weight`, [96, 24]],
    [`blocks.${index}.mlp.fc2.bias`, [24]],
  ];
  const projection = [["patch_embed.proj.weight", [4, 4, 3, 24]], ["patch_embed.proj.bias", [24]]];
  const [cls, positions] = [["cls_token", [1, 1, 24]], ["pos_embed", [1, 7, 24]]];
  const norm = [["norm.weight", [24]], ["norm.bias", [24]]];
  const names = (options: Parameters<typeof vit>[0]) => shapesOf(vit(options), [8, 12, 3]);
  assertEquals<unknown>(names(tiny), {
    params: [cls, ...block(0), ...block(1), ...norm],
    buffers: [positions, ...projection],
  });
  assertEquals<unknown>(names({ ...tiny, stem: "learned", position: "learned" }), {
    params: [cls, positions, ...projection, ...block(0), ...block(1), ...norm],
    buffers: [],
  });
  assertEquals<unknown>(names({ ...tiny, stem: "learned", position: "none", pool: "mean" }), {
    params: [...projection, ...block(0), ...block(1)],
    buffers: [],
  });
  const convolutions = names({ ...tiny, stem: "conv" });
  assertEquals<unknown>(convolutions.params, [
    cls,
    ["patch_embed.proj.0.weight", [3, 3, 3, 12]],
    ["patch_embed.proj.1.weight", [12]],
    ["patch_embed.proj.1.bias", [12]],
    ["patch_embed.proj.3.weight", [3, 3, 12, 24]],
    ["patch_embed.proj.4.weight", [24]],
    ["patch_embed.proj.4.bias", [24]],
    ["patch_embed.proj.6.weight", [1, 1, 24, 24]],
    ["patch_embed.proj.6.bias", [24]],
    ...block(0), // one block fewer
    ...norm,
  ]);
  assertEquals(convolutions.buffers[0], ["pos_embed", [1, 7, 24]]); // the same grid as that of the projection
});

Deno.test("a ViT starts as MoCo v3's: Xavier bounds for q, k and v apart, zero biases, a class token near 0, learned positions", () => {
  scope(() => {
    const { params, buffers } = initial(vit({ dimension: 96, depth: 1, heads: 3, patch: 4 }), [8, 8, 3]);
    const of = new Map(entries({ params, buffers }));
    const largest = (path: string) => tf.max(tf.abs(of.get(path)!)).dataSync()[0];
    const bounded = (path: string, inputs: number, outputs: number) => {
      const bound = Math.sqrt(6 / (inputs + outputs));
      assert(largest(path) <= bound * 1.000001, path);
      assert(largest(path) > bound * 0.99, path); // of thousands of draws one is that near
    };
    bounded("params.blocks.0.attn.qkv.weight", 96, 96);
    bounded("params.blocks.0.attn.proj.weight", 96, 96);
    bounded("params.blocks.0.mlp.fc1.weight", 96, 384);
    bounded("params.blocks.0.mlp.fc2.weight", 384, 96);
    bounded("buffers.patch_embed.proj.weight", 4 * 4 * 3, 96);
    for (const [path, leaf] of of) {
      if (path.endsWith("bias")) assertClose(flat({ leaf }).leaf, new Array(leaf.size).fill(0), "exact", path);
      if (path.includes("norm") && path.endsWith("weight")) {
        assertClose(leaf, new Array(leaf.size).fill(1), "exact", path);
      }
    }
    const learned = initial(vit({ dimension: 96, depth: 1, heads: 3, patch: 4, position: "learned" }), [8, 8, 3]);
    const deviations = [[of.get("params.cls_token")!, 1e-6], [entries(learned.params)[1][1], 0.02]] as const;
    for (const [values, expected] of deviations) { // within four standard errors
      const deviation = tf.sqrt(tf.mean(tf.square(values))).dataSync()[0];
      assertClose(deviation, expected, { relative: 4 / Math.sqrt(2 * values.size), absolute: 0 });
    }
  });
});

Deno.test("a convolutional stem starts by PyTorch's default: deviations 0.111 in the first, 0.083 in the last convolution", () => {
  scope(() => {
    const { params } = initial(vit({ dimension: 48, depth: 2, heads: 3, patch: 4, stem: "conv" }), [8, 8, 3]);
    const of = new Map(entries(params));
    const starts = (path: string, fanIn: number, deviation: number) => {
      const values = of.get(`patch_embed.proj.${path}`)!;
      const { mean, variance } = tf.moments(values);
      const bound = 1 / Math.sqrt(fanIn);
      assert(tf.max(tf.abs(values)).dataSync()[0] <= bound * 1.000001, path);
      // Four standard errors: the kurtosis of a uniform distribution is 1.8.
      const [ofMean, ofDeviation] = [4 / Math.sqrt(values.size), 4 * Math.sqrt(0.8 / (4 * values.size))];
      assertClose(mean, 0, { relative: 0, absolute: ofMean * deviation }, path);
      assertClose(tf.sqrt(variance), deviation, { relative: ofDeviation + 0.005, absolute: 0 }, path);
    };
    starts("0.weight", 9 * 3, 0.111);
    starts("3.weight", 9 * 24, 0.0393);
    starts("6.weight", 48, 0.083);
    starts("6.bias", 48, 0.083);
  });
});

Deno.test("a ViT that recomputes its blocks has the same values, features and gradients, and keeps less", () => {
  scope(() => {
    const x = scattered([2, 8, 12, 3]);
    const dy = scattered([2, 24], 7);
    for (const stem of ["learned", "conv"] as const) {
      const [plain, recomputed] = [false, true].map((recompute) => vit({ ...tiny, depth: 3, stem, recompute }));
      const network = initial(plain, [8, 12, 3]);
      const same = (of: (layer: Layer) => Tree) => assertEquals(bytesOf(of(recomputed)), bytesOf(of(plain)));
      same((layer) => initial(layer, [8, 12, 3]));
      same((layer) => passes(layer, network, x, dy));
      same((layer) => passes(layer, network, x, dy, evaluation));
      const compiled = (layer: Layer) => jit((x: Tensor, dy: Tensor) => passes(layer, network, x, dy))(x, dy);
      assertTreeClose(compiled(recomputed), compiled(plain), { floor: 1e-6 });
      // What one more block keeps: its values and its input, and where nothing is recomputed its activations too.
      const [most, least] = [false, true].map((recompute) => {
        const [fewer, more] = [3, 4].map((depth) => {
          const layer = vit({ ...tiny, depth, stem, recompute });
          return keptForGradient(layer, initial(layer, [8, 12, 3]), x).tensors;
        });
        return more - fewer;
      });
      const values = 12;
      assertEquals(least, values + 1);
      assert(most > values + 5, `${most} tensors`);
    }
    // Without the option nothing is recomputed.
    const [absent, off] = [vit(tiny), vit({ ...tiny, recompute: false })].map((layer) =>
      keptForGradient(layer, initial(layer, [8, 12, 3]), x)
    );
    assertEquals(absent, off);
  });
});

Deno.test("attention keeps for the gradient what grows with the tokens, not with their pairs", () => {
  scope(() => {
    for (const queries of ["all", "first"] as const) {
      const layer = attention({ dimension: 4, heads: 2, queries });
      const [few, many] = [32, 128].map((tokens) =>
        keptForGradient(layer, initial(layer, [tokens, 4]), scattered([2, tokens, 4])).bytes
      );
      assert(many < 4.5 * few, `${few} bytes for 32 tokens, ${many} for 128`);
    }
  });
});

Deno.test("a transformer block compiled, by TensorFlow or XLA, equals the eager one: values and gradients", () => {
  scope(() => {
    const x = scattered([2, 7, 24]);
    for (const queries of ["all", "first"] as const) {
      const block = transformerBlock({ dimension: 24, heads: 3, queries });
      const network = initial(block, [7, 24]);
      const dy = scattered([2, queries === "all" ? 7 : 1, 24], 7);
      const run = (x: Tensor, dy: Tensor) => passes(block, network, x, dy);
      for (const xla of [false, true]) assertTreeClose(jit(run, { xla })(x, dy), run(x, dy), { floor: 1e-6 });
    }
  });
});

/** Images whose 4 x 4 patches are rearranged: patch `order[i]` comes to place i. */
function rearranged(x: Tensor, order: readonly number[]): Tensor {
  const [n, height, width, channels] = x.shape;
  const [rows, columns] = [height / 4, width / 4];
  const grid = tf.transpose(tf.reshape(x, [n, rows, 4, columns, 4 * channels]), [1, 3, 0, 2, 4]); // [rows, columns, ...]
  const moved = tf.gather(tf.reshape(grid, [rows * columns, n, 4, 4 * channels]), [...order]);
  const back = tf.transpose(tf.reshape(moved, [rows, columns, n, 4, 4 * channels]), [2, 0, 3, 1, 4]);
  return tf.reshape(back, x.shape);
}

Deno.test("without positions the order of patches is nothing to the features, with them it is", () => {
  scope(() => {
    const x = scattered([2, 8, 12, 3]);
    const moved = rearranged(x, [3, 0, 5, 1, 4, 2]);
    for (const pool of ["class", "mean"] as const) {
      const change = (position: "sin-cos" | "learned" | "none") => {
        const layer = vit({ ...tiny, position, pool });
        const network = initial(layer, [8, 12, 3]);
        const [before, after] = [x, moved].map((x) => layer.apply(network, x, evaluation).output);
        return tf.max(tf.abs(tf.sub(before, after))).dataSync()[0];
      };
      assert(change("none") < 1e-5, `${pool}: ${change("none")}`);
      assert(change("sin-cos") > 1e-2, `${pool}: ${change("sin-cos")}`);
      assert(change("learned") > 1e-3, `${pool}: ${change("learned")}`);
    }
  });
});

Deno.test("a sample's features depend on no other sample, but for the batch norm of a convolutional stem", () => {
  scope(() => {
    const x = scattered([3, 8, 12, 3]);
    const features = (layer: Layer, x: Tensor) => layer.apply(initial(layer, [8, 12, 3]), x, { training: true }).output;
    const change = (layer: Layer) =>
      tf.max(tf.abs(tf.sub(
        tf.slice(features(layer, x), [0, 0], [2, -1]),
        features(layer, tf.slice(x, [0, 0, 0, 0], [2, -1, -1, -1])),
      ))).dataSync()[0];
    assert(change(vit(tiny)) < 1e-5);
    assert(change(vit({ ...tiny, stem: "conv" })) > 1e-3);
  });
});

Deno.test("a frozen patch projection stays as it is, bit by bit, in both encoders, under weight decay and momentum; a learned one moves", () => {
  for (const stem of ["frozen", "learned"] as const) {
    scope(() => {
      const moco = createMoco({
        backbone: vit({ ...tiny, stem }),
        head: linearHead(8),
        input: [8, 8, 3],
        optimizer: sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 }),
        queueSize: 8,
        momentum: 0.9,
        temperature: 0.2,
      });
      const step = jit(moco.step);
      const first = moco.init(key(0));
      let state = first;
      for (let i = 0; i < 3; i++) {
        const views = { query: scattered([4, 8, 8, 3], 10 * i), key: scattered([4, 8, 8, 3], 10 * i + 5) };
        if (i === 0) {
          // The step is the same one op after another.
          const [compiled, eager] = [step(state, views), moco.step(state, views)];
          assertClose(compiled.metrics.loss, eager.metrics.loss, "reduction");
          assert(leaves(eager.state).every((leaf) => !leaves(state).includes(leaf)), "the states share a tensor");
        }
        state = step(state, views).state;
      }
      const projections = (tree: typeof state) =>
        entries({ query: tree.query, key: tree.key }).filter(([path]) => /patch_embed|pos_embed/.test(path));
      assertEquals(projections(state).length, 6); // weight, bias and positions, twice
      const [query, momentum] = [state.query, state.key].map((network) => new Map(entries(network)));
      for (const [index, [path, leaf]] of projections(state).entries()) {
        const same = `${leaf.dataSync()}` === `${projections(first)[index][1].dataSync()}`;
        assertEquals(same, stem === "frozen" || path.endsWith("pos_embed"), path);
      }
      const weight = `${stem === "frozen" ? "buffers" : "params"}.backbone.patch_embed.proj.weight`;
      assertEquals(`${query.get(weight)!.dataSync()}` === `${momentum.get(weight)!.dataSync()}`, stem === "frozen");
      const block = "params.backbone.blocks.0.attn.qkv.weight";
      assert(`${query.get(block)!.dataSync()}` !== `${new Map(entries(first.query)).get(block)!.dataSync()}`);
    });
  }
});

Deno.test("a frozen and a learned projection with the same values give the same features and the same other gradients", () => {
  scope(() => {
    const [frozen, learned] = [vit(tiny), vit({ ...tiny, stem: "learned" })];
    const { params, buffers } = initial(frozen, [8, 12, 3]);
    const { patch_embed, ...rest } = buffers;
    const moved = { params: { ...params, patch_embed }, buffers: rest };
    const [x, dy] = [scattered([2, 8, 12, 3]), scattered([2, 24], 99)];
    const [a, b] = [passes(frozen, { params, buffers }, x, dy), passes(learned, moved, x, dy)];
    const { patch_embed: gradient, ...others } = b.dParams;
    assertClose(a.output, b.output, "exact");
    assertEquals(entries(a.dParams).map(([path]) => path), entries(others).map(([path]) => path));
    assertClose(flat(a.dParams), flat(others), "exact");
    assert(leaves(gradient).every((leaf) => tf.max(tf.abs(leaf)).dataSync()[0] > 0));
  });
});

Deno.test("a ViT's pass forward and backward leaves nothing but its results", () => {
  for (const options of [{}, { stem: "learned", position: "learned", pool: "mean" }, { stem: "conv" }] as const) {
    const layer = vit({ ...tiny, ...options });
    const network = initial(layer, [8, 8, 3]);
    const x = scattered([2, 8, 8, 3]);
    const before = liveTensors();
    const results = scope(() => passes(layer, network, x, tf.ones([2, 24])));
    assertEquals(liveTensors() - before, leaves(results).length);
  }
});

Deno.test("a v3 head is linear, batch norm, ReLU, linear, and batch norm without scale and shift where it is wanted", () => {
  scope(() => {
    const params = {
      0: { weight: tf.tensor2d([[1, -1]]) },
      1: { weight: tf.tensor1d([2, 2]), bias: tf.tensor1d([1, -1]) },
      3: { weight: tf.tensor2d([[1, 10], [100, 10]]) },
    };
    const fresh = (lastNorm: boolean) => batchNormHead({ layers: 2, hidden: 2, dimension: 2, lastNorm });
    const outputOf = (lastNorm: boolean) => {
      const { buffers } = initial(fresh(lastNorm), [1]);
      return flat(fresh(lastNorm).apply({ params, buffers }, tf.tensor2d([[1], [5]]), { training: true })).output;
    };
    // Normalised: [-1, 1] and [1, -1]; scaled and shifted: [-1, 1] and [3, -3]; rectified: [0, 1] and [3, 0].
    const near = { relative: 1e-5, absolute: 1e-5 }; // batch norm's epsilon of 1e-5 beside a variance of 4
    assertClose(outputOf(false), [100, 10, 3, 30], near);
    assertClose(outputOf(true), [1, -1, -1, 1], near);
  });
});

Deno.test("v3's heads have the names of an nn.Sequential and no bias", () => {
  const projector = shapesOf(batchNormHead({ layers: 3 }), [384]);
  assertEquals(projector.params, [
    ["0.weight", [384, 4096]],
    ["1.weight", [4096]],
    ["1.bias", [4096]],
    ["3.weight", [4096, 4096]],
    ["4.weight", [4096]],
    ["4.bias", [4096]],
    ["6.weight", [4096, 256]],
  ]);
  assertEquals(projector.buffers.slice(-2), [["7.running_mean", [256]], ["7.running_var", [256]]]);
  const predictor = shapesOf(batchNormHead({ layers: 2, lastNorm: false }), [256]);
  assertEquals(predictor.params.map(([path]) => path), ["0.weight", "1.weight", "1.bias", "3.weight"]);
  assertEquals(predictor.buffers.map(([path]) => path), ["1.running_mean", "1.running_var"]);
});

Deno.test("what does not fit a ViT is refused, with what was expected and found", () => {
  scope(() => {
    assertThrows(
      () => vitTiny().init(key(0), [28, 30, 1]),
      TypeError,
      `Cannot initialize patch projection "patch_embed.proj": expected images [height, width, channels] of whole 4 x 4 ` +
        "patches, found [28, 30, 1]",
    );
    const layer = vit(tiny);
    assertThrows(
      () => layer.apply(initial(layer, [8, 8, 1]), tf.zeros([1, 12, 8, 1]), evaluation),
      TypeError,
      `Cannot apply tokens: expected "pos_embed" of shape [1, 7, 24], found [1, 5, 24]`,
    );
    assertThrows(
      () => vit({ ...tiny, heads: 5 }),
      RangeError,
      "Cannot make attention: expected channels that 5 heads divide, found 24",
    );
    const attend = attention({ dimension: 24, heads: 3, queries: "first" });
    const network = initial(attend, [7, 24]);
    assertThrows(
      () => attend.apply(network, tf.zeros([7, 24]), evaluation),
      TypeError,
      "Cannot apply attention: expected tokens [N, T, D], found [7, 24]",
    );
    assertThrows(
      () => attend.apply(network, tf.zeros([2, 7, 12]), evaluation),
      TypeError,
      `Cannot apply dense "qkv": expected "weight" of shape [12, 36], found [24, 72]`,
    );
    assertThrows(
      () => transformerBlock({ dimension: 12, heads: 3, queries: "first" }).init(key(0), [7, 24]),
      TypeError,
      "Cannot initialize residual: expected a shortcut of shape [1, 12], found [1, 24]",
    );
    assertThrows(
      () => vit({ ...tiny, dimension: 30 }),
      RangeError,
      "Cannot embed positions: expected channels that are a multiple of 4, found 30",
    );
    assertThrows(
      () => vit({ ...tiny, patch: 6, stem: "conv" }),
      RangeError,
      "expected a patch of 2^n pixels whose 2^(n-1) divides 24 channels, found 6",
    );
    assertThrows(() => vit({ ...tiny, depth: 1, stem: "conv" }), RangeError, "found depth 1");
    assertThrows(
      () => batchNormHead({ layers: 0 }),
      RangeError,
      "expected layers to be a whole number of at least 1, found 0",
    );
  });
});
