import { assert, assertEquals, assertThrows } from "@std/assert";
import { virtualDevices } from "../../src/core/devices.ts";
import { plainView } from "../../src/augment/recipe.ts";
import { oneView, twoViews } from "../../src/augment/two_views.ts";
import { buildFeatures, buildMethod, buildViews } from "../../src/config/build.ts";
import { buildBackbone } from "../../src/config/build_encoder.ts";
import { buildOptimizer, buildSchedule, lengthOf } from "../../src/config/build_optimizer.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { Config } from "../../src/config/types.ts";
import { key } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { fromBytes, jit, readBytes, tf } from "../../src/engine/mod.ts";
import { createEndToEnd } from "../../src/methods/end_to_end.ts";
import { createMemoryBank } from "../../src/methods/memory_bank.ts";
import { createMoco } from "../../src/methods/moco.ts";
import { createMocoV3 } from "../../src/methods/moco_v3.ts";
import { momentumSchedule } from "../../src/methods/momentum_schedule.ts";
import { keyMomentum, normedHead } from "../../src/methods/parts.ts";
import { createSimclr } from "../../src/methods/simclr.ts";
import { createSupervised } from "../../src/methods/supervised.ts";
import type { Method, MethodState } from "../../src/methods/types.ts";
import { batchNormHead, linearHead, mlpHead } from "../../src/nn/heads.ts";
import { identity } from "../../src/nn/identity.ts";
import { resnet18, resnet34 } from "../../src/nn/resnet.ts";
import type { Layer, Shape } from "../../src/nn/types.ts";
import { vit, vitSmall } from "../../src/nn/vit.ts";
import { accumulate } from "../../src/optim/accumulate.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { clipByGlobalNorm } from "../../src/optim/clip.ts";
import { lars } from "../../src/optim/lars.ts";
import { layerDecay } from "../../src/optim/layer_decay.ts";
import { valueAt } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Optimizer } from "../../src/optim/types.ts";
import { assertClose } from "../support/close.ts";
import { right } from "../support/either.ts";
import { keptForGradient } from "../support/gradients.ts";

const config = (input: unknown): Config => right(parseConfig(input));

const bytesOf = (tree: Tree) => Object.fromEntries(entries(tree).map(([path, leaf]) => [path, readBytes(leaf)]));

Deno.test("features see whole images at the views' size, or at a size of their own, over a grid of their own", () =>
  scope(() => {
    const encoder = { width: 0.0625, stemStride: 2 };
    const backbone = (poolGrid = 1) => resnet18({ width: 0.0625, stem: "small", stemStride: 2, poolGrid });
    const { network } = backbone().init(key(3), [8, 8, 1]);
    const query = { params: { backbone: network.params }, buffers: { backbone: network.buffers } };
    const state = { step: tf.scalar(0, "int32"), random: key(0), query };
    // Black on the left, white on the right.
    const images = fromBytes(Uint8Array.from({ length: 24 * 24 }, (_, at) => at % 24 < 12 ? 0 : 255), [1, 24, 24, 1]);
    const normalisation = { mean: [0.5], std: [0.25] };
    const at = (evaluationSize?: number, evaluationGrid = 1) => {
      const augment = { size: 8, ...normalisation, evaluationSize };
      return buildFeatures(config({ encoder: { ...encoder, evaluationGrid }, augment }))(state, images);
    };
    const expected = (size: number, poolGrid = 1) => {
      const plain = plainView({ size, ...normalisation })(images);
      return backbone(poolGrid).apply(network, plain, { training: false }).output.arraySync();
    };
    assertClose(at(), expected(8), "elementwise");
    assertClose(at(24), expected(24), "elementwise");
    assertClose(at(24, 2), expected(24, 2), "elementwise");
    assertEquals(at(24, 2).shape, [1, 4 * 32]);
    assertThrows(() => assertClose(at(24), expected(8), "elementwise"));
  }));

Deno.test("encoders and heads are the library's, with the configuration's choices", () => {
  const same = (built: Layer, expected: Layer, input: Shape) => {
    const outcome = (layer: Layer) =>
      scope(() => {
        const { network } = layer.init(key(3), input);
        const images = tf.reshape(tf.sin(tf.range(0, 2 * input.reduce((a, b) => a * b), 1)), [2, ...input]);
        const { output, buffers } = layer.apply(network, images, { training: true });
        return bytesOf({ ...network, output, after: buffers });
      });
    assertEquals(outcome(built), outcome(expected));
  };
  const backbone = (encoder: unknown, size = 8) => buildBackbone(config({ encoder, augment: { size } }).encoder);
  same(
    backbone({ name: "resnet18", width: 0.0625, stemStride: 2, zeroInitResidual: true }),
    resnet18({ width: 0.0625, stem: "small", stemStride: 2, zeroInitResidual: true }),
    [8, 8, 1],
  );
  same(
    backbone({ name: "resnet34", width: 0.0625, stem: "imagenet" }, 32),
    resnet34({ width: 0.0625, stem: "imagenet" }),
    [32, 32, 1],
  );
  const small = { channels: 12, depth: 2, heads: 3 };
  const size = { dimension: 12, depth: 2, heads: 3 };
  same(backbone({ name: "vit-tiny", ...small }), vit({ ...size, patch: 4 }), [8, 8, 1]);
  for (
    const choices of [
      { position: "learned", pool: "mean", stem: "conv" },
      { position: "none", pool: "class", stem: "learned" },
    ] as const
  ) {
    const { stem: patchStem, ...others } = choices;
    same(
      backbone({ name: "vit-tiny", ...small, ...others, patchStem, patch: 2 }),
      vit({ ...size, ...choices, patch: 2 }),
      [8, 8, 1],
    );
  }
  // Millions of values: names and shapes are enough.
  const shapes = (layer: Layer) =>
    scope(() => entries(layer.init(key(3), [8, 8, 1]).network).map(([path, { shape }]) => `${path} ${shape}`));
  assertEquals(
    shapes(backbone({ name: "vit-small", patch: 8, position: "learned" })),
    shapes(vitSmall({ patch: 8, position: "learned" })),
  );

  const predictor = { layers: 3, hidden: 7, lastNorm: true };
  same(normedHead(predictor, 5), batchNormHead({ layers: 3, hidden: 7, dimension: 5 }), [6]);
  same(normedHead({ ...predictor, layers: 0 }, 5), identity(), [5]);
});

Deno.test("encoder.recompute is off by default, and on in every ViT that is asked for it", () =>
  scope(() => {
    const built = (encoder: unknown) => buildBackbone(config({ encoder, augment: { size: 16 } }).encoder);
    const kept = (layer: Layer) =>
      keptForGradient(layer, layer.init(key(3), [16, 16, 1]).network, tf.ones([1, 16, 16, 1])).tensors;
    const [library, on] = [false, true].map((recompute) => kept(vitSmall({ recompute })));
    assertEquals(kept(built({ name: "vit-small" })), library);
    assertEquals(kept(built({ name: "vit-small", recompute: true })), on);
    const tiny = { name: "vit-tiny", channels: 12, depth: 2 };
    assert(kept(built({ ...tiny, recompute: true })) < 0.75 * kept(built(tiny)));
  }));

Deno.test("optimizers are the library's, with the configuration's numbers", () => {
  const params = { w: tf.tensor2d([[1, -2], [3, 0.5]]), b: tf.tensor1d([1, -1]) };
  const gradients = [1, -0.3].map((by) => ({ w: tf.tensor2d([[by, 2], [-by, 4]]), b: tf.tensor1d([by, 0.1]) }));
  /** The updates of three steps. */
  const updates = (optimizer: Optimizer) => {
    let state = optimizer.init(params);
    return [0, 1, 2].map((at) => {
      const next = optimizer.update(gradients[at % 2], state, params, tf.scalar(at, "int32"));
      state = next.state;
      return bytesOf(next.updates);
    });
  };
  const built = (optimizer: unknown) =>
    updates(
      buildOptimizer(config({ optimizer: { learningRate: 0.1, schedule: "constant", ...optimizer as object } }), 3),
    );
  const learningRate = 0.1;
  assertEquals(
    built({ name: "sgd", momentum: 0.7, weightDecay: 0.01 }),
    updates(sgd({ learningRate, momentum: 0.7, weightDecay: 0.01 })),
  );
  assertEquals(
    built({ name: "lars", momentum: 0.6, weightDecay: 0.02, trust: 0.05 }),
    updates(lars({ learningRate, momentum: 0.6, weightDecay: 0.02, trust: 0.05 })),
  );
  const adam = { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2 };
  assertEquals(built({ name: "adamw", ...adam }), updates(adamW({ learningRate, ...adam })));
  assertEquals(
    built({ momentum: 0.7, weightDecay: 0.01, clipNorm: 0.5, accumulate: 2 }),
    updates(accumulate(clipByGlobalNorm(sgd({ learningRate, momentum: 0.7, weightDecay: 0.01 }), 0.5), 2)),
  );
});

Deno.test("the learning rate is scaled by the images of an update, and the key encoder moves once for each", () => {
  const at = (input: object, step: number) =>
    scope(() => {
      const whole = config({ method: { name: "moco-v3", momentum: 0.9 }, ...input });
      const { method } = whole;
      if (method.name !== "moco-v3") throw new Error(method.name);
      const steps = tf.scalar(step, "int32");
      const momentum = keyMomentum(method, lengthOf(whole, 5));
      return [buildSchedule(whole, 5)(steps), valueAt(momentum, steps)].map((x) => x.dataSync()[0]);
    });
  const training = { epochs: 4, batch: 64 };
  const optimizer = { learningRate: 0.4, warmupEpochs: 1 };
  assertClose(at({ training, optimizer }, 5), [0.4, 1 - 0.1 * (1 + Math.cos(Math.PI / 4)) / 2], "elementwise");
  assertClose(at({ training, optimizer }, 20), [0, 1], "elementwise");
  assertClose(at({ training, optimizer: { ...optimizer, scaleByBatch: true } }, 5)[0], 0.1, "elementwise");
  const gathered = { ...optimizer, scaleByBatch: true, accumulate: 2 };
  assertClose(
    at({ training, optimizer: gathered }, 4),
    [0.2 * 0.8, 1 - 0.1 * (1 + Math.cos(Math.PI / 5)) / 2],
    "elementwise",
  );
  assertClose(at({ training, optimizer: gathered }, 5)[1], 1, "elementwise");
  const still = { method: { name: "moco-v3", momentum: 0.9, momentumSchedule: "constant" } };
  assertClose(at({ ...still, training, optimizer }, 15)[1], 0.9, "elementwise");
});

Deno.test("each method's state has the parts that it needs", () => {
  const built = (name: string) => {
    const state = buildMethod(config({ method: { name }, encoder: { width: 0.0625 } }), [8, 8, 1], 2, 9).init(key(0));
    const parts = Object.keys(state);
    dispose(state);
    return parts;
  };
  assertEquals(built("moco"), ["step", "query", "key", "optimizer", "queue", "random"]);
  assertEquals(built("moco-v3"), ["step", "query", "key", "predictor", "optimizer", "random"]);
  assertEquals(built("end-to-end"), ["step", "query", "key", "optimizer", "random"]);
  assertEquals(built("simclr"), ["step", "query", "optimizer", "random"]);
  assertEquals(built("memory-bank"), ["step", "query", "optimizer", "bank", "random"]);
  const bank = config({ method: { name: "memory-bank" } });
  assertThrows(() => buildMethod(bank, [8, 8, 1], 2), RangeError, "expected the number of training images, found none");
});

Deno.test("v3 without a predictor contrasts the projections themselves, compiled as well", () => {
  const method = buildMethod(
    config({
      method: {
        ...{ name: "moco-v3", momentum: 0, momentumSchedule: "constant", dimension: 5 },
        ...{ projector: { layers: 1, lastNorm: false }, predictor: { layers: 0 } },
      },
      encoder: { name: "vit-tiny", channels: 4, depth: 1, heads: 1 },
      optimizer: { learningRate: 0 },
    }),
    [8, 8, 1],
    2,
  );
  const image = tf.randomNormal([8, 8, 8, 1]);
  scope(() => {
    const state = method.init(key(0));
    // Both views alike and the key encoder a copy: each projection is its own key, which is nearest to itself.
    const eager = method.step(state, { query: image, key: image });
    assertEquals(eager.metrics.accuracy.dataSync()[0], 1);
    const compiled = jit(method.step)(state, { query: image, key: image });
    assertClose(compiled.metrics.loss, eager.metrics.loss, "reduction");
  });
  dispose(image);
});

Deno.test("the method is the one that is named, with the configuration's numbers", () => {
  const rate = { learningRate: 0.1, momentum: 0.8, weightDecay: 0.01 };
  const [images, labels] = [9, [0, 1, 2, 0, 1, 2, 0, 1]];
  const views = {
    ...{ query: tf.randomNormal([8, 8, 8, 1]), key: tf.randomNormal([8, 8, 8, 1]) },
    ...{ index: tf.range(0, 8, 1, "int32"), labels: tf.tensor1d(labels, "int32") },
  };
  const same = (input: object, expected: Method<MethodState>) => {
    const built = buildMethod(config({ optimizer: { ...rate, schedule: "constant" }, ...input }), [8, 8, 1], 2, images);
    /** The second state, on which momentum and the queue have told. */
    const [actual, wanted] = [built, expected].map((method) =>
      scope(() => bytesOf(method.step(method.step(method.init(key(0)), views).state, views).state))
    );
    assertEquals(actual, wanted);
  };
  // Few layers, with batch norm among them.
  const small = { channels: 4, depth: 2, heads: 1, patch: 2 };
  const encoder = { name: "vit-tiny", ...small, patchStem: "conv" };
  const backbone = vit({ dimension: 4, depth: 2, heads: 1, patch: 2, stem: "conv" });
  const common = { backbone, input: [8, 8, 1], optimizer: sgd(rate), temperature: 0.3, devices: virtualDevices(2) };
  const choices = { queue: 16, momentum: 0.7, temperature: 0.3, groups: 2, symmetric: true, shuffle: false };
  same(
    { method: { ...choices, head: "linear", dimension: 5 }, encoder, training: { batch: 8 } },
    createMoco({ ...common, head: linearHead(5), queueSize: 16, momentum: 0.7, symmetric: true, shuffle: false }),
  );
  same(
    {
      method: {
        ...{ name: "moco-v3", momentum: 0.7, dimension: 5, temperature: 0.3, groups: 2 },
        ...{ projector: { layers: 1, lastNorm: false }, predictor: { layers: 3, hidden: 7, lastNorm: true } },
      },
      encoder,
      training: { epochs: 3 },
    },
    createMocoV3({
      ...common,
      projector: batchNormHead({ layers: 1, dimension: 5, lastNorm: false }),
      predictor: batchNormHead({ layers: 3, hidden: 7, dimension: 5 }),
      momentum: momentumSchedule({ base: 0.7, epochs: 3, stepsPerEpoch: 2 }),
    }),
  );
  const contrasting = { temperature: 0.3, groups: 2, head: "mlp", dimension: 5 };
  const head = mlpHead(5);
  same(
    { method: { name: "end-to-end", ...contrasting, shuffle: false }, encoder },
    createEndToEnd({ ...common, head, shuffle: false }),
  );
  same({ method: { name: "simclr", ...contrasting }, encoder }, createSimclr({ ...common, head }));
  same(
    { method: { name: "memory-bank", ...contrasting, negatives: 6, momentum: 0.7 }, encoder },
    createMemoryBank({ ...common, head, images, negatives: 6, momentum: 0.7 }),
  );
  const regularised = { mixup: 0.8, labelSmoothing: 0.1 };
  const { temperature: _, ...supervised } = common;
  same(
    { method: { name: "supervised", ...regularised, classes: 3, groups: 2, layerDecay: 0.5 }, encoder },
    createSupervised({ ...supervised, ...regularised, classes: 3, optimizer: layerDecay(sgd(rate), 0.5) }),
  );
  dispose(views);
});

Deno.test("labels are learned from one view of each image, all else from two, with the configuration's numbers", () =>
  scope(() => {
    const images = tf.reshape(tf.sin(tf.range(0, 4 * 9 * 9)), [4, 9, 9, 1]);
    const augment = { recipe: "v3", size: 8, cropScale: [0.5, 1], flipProbability: 0.3, mean: [0.2], std: [2] };
    for (
      const [method, views] of [
        [{ name: "supervised" }, oneView],
        [{ name: "moco" }, twoViews],
        [{ name: "moco-v3" }, twoViews],
      ] as const
    ) {
      const whole = config({ method, augment });
      const [built, expected] = [buildViews(whole), views(whole.augment)].map((of) => of(key(3), images));
      assertEquals(bytesOf(built), bytesOf(expected));
    }
  }));
