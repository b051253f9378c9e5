/** What constructors say at once of numbers that make no sense. */
import { assertThrows } from "@std/assert";
import { plainView, recipe } from "../../src/augment/recipe.ts";
import { colorJitter } from "../../src/augment/color_jitter.ts";
import { gaussianBlur } from "../../src/augment/gaussian_blur.ts";
import { mixup } from "../../src/augment/mixup.ts";
import { normalize } from "../../src/augment/normalize.ts";
import { randomResizedCrop } from "../../src/augment/random_resized_crop.ts";
import { randomSolarize } from "../../src/augment/solarize.ts";
import { checkNumbers } from "../../src/core/check_numbers.ts";
import { clusterDevices } from "../../src/core/devices.ts";
import { beta, integers, key, normal, permutation, split, uniform } from "../../src/core/random.ts";
import { initBank } from "../../src/methods/bank.ts";
import { createEndToEnd } from "../../src/methods/end_to_end.ts";
import { createMemoryBank } from "../../src/methods/memory_bank.ts";
import { createMoco } from "../../src/methods/moco.ts";
import { createMocoV3 } from "../../src/methods/moco_v3.ts";
import { momentumSchedule } from "../../src/methods/momentum_schedule.ts";
import { initQueue } from "../../src/methods/queue.ts";
import { createSimclr } from "../../src/methods/simclr.ts";
import { smoothedTargets } from "../../src/methods/soft_cross_entropy.ts";
import { createSupervised } from "../../src/methods/supervised.ts";
import { attention, attentionWeights } from "../../src/nn/attention.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { conv } from "../../src/nn/conv.ts";
import { dense } from "../../src/nn/dense.ts";
import { batchNormHead, linearClassifier, linearHead, mlpHead } from "../../src/nn/heads.ts";
import { layerNorm } from "../../src/nn/layer_norm.ts";
import { patchProjection } from "../../src/nn/patch_projection.ts";
import { averagePool, maxPool } from "../../src/nn/pool.ts";
import { sinCosPosition } from "../../src/nn/position_embedding.ts";
import { relu } from "../../src/nn/relu.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import { transformerBlock } from "../../src/nn/transformer_block.ts";
import { vit } from "../../src/nn/vit.ts";
import { accumulate, everyNth } from "../../src/optim/accumulate.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { clipByGlobalNorm } from "../../src/optim/clip.ts";
import { lars } from "../../src/optim/lars.ts";
import { layerDecay } from "../../src/optim/layer_decay.ts";
import { scaleByBatch } from "../../src/optim/scale_by_batch.ts";
import { constant, cosine, stepDecay, warmup } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { tf } from "../../src/engine/mod.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import { toyRun } from "../support/toy_run.ts";

/** What takes one number, and numbers that it refuses. */
type Case = readonly [takes: (number: number) => unknown, refused: readonly number[], taken: readonly number[]];

const noCount = [0, -1, 1.5, NaN, Infinity];
const noShare = [-0.1, 1.1, NaN];
const negative = [-1, NaN, Infinity];
const notAboveZero = [0, -1, NaN, Infinity];

const optimizer = sgd({ learningRate: 0 });
const encoder = { backbone: relu(), head: relu(), input: [3], optimizer };
const moco = { ...encoder, temperature: 1, queueSize: 4, momentum: 0.9 };
const v3 = { ...encoder, projector: relu(), predictor: relu(), temperature: 1, momentum: 0.9 };
const bank = { ...encoder, temperature: 1, images: 4, negatives: 2, momentum: 0.5 };
const supervised = { ...encoder, classes: 3 };
const cluster = { addresses: ["10.0.0.1:1", "10.0.0.2:1"], rank: 0, patience: 1, size: 2 };

const cases: Record<string, Case> = {
  "sgd learningRate": [(learningRate) => sgd({ learningRate }), negative, [0, 100]],
  "sgd momentum": [(momentum) => sgd({ learningRate: 1, momentum }), noShare, [0, 1]],
  "sgd weightDecay": [(weightDecay) => sgd({ learningRate: 1, weightDecay }), negative, [0, 2]],
  "lars learningRate": [(learningRate) => lars({ learningRate }), negative, [0]],
  "lars momentum": [(momentum) => lars({ learningRate: 1, momentum }), noShare, [0, 1]],
  "lars weightDecay": [(weightDecay) => lars({ learningRate: 1, weightDecay }), negative, [0]],
  "lars trust": [(trust) => lars({ learningRate: 1, trust }), notAboveZero, [2]],
  "adamW learningRate": [(learningRate) => adamW({ learningRate }), negative, [0]],
  "adamW beta1": [(beta1) => adamW({ learningRate: 1, beta1 }), [-0.1, 1, NaN], [0]],
  "adamW beta2": [(beta2) => adamW({ learningRate: 1, beta2 }), [-0.1, 1, NaN], [0]],
  "adamW epsilon": [(epsilon) => adamW({ learningRate: 1, epsilon }), negative, [0]],
  "adamW weightDecay": [(weightDecay) => adamW({ learningRate: 1, weightDecay }), negative, [0]],
  "accumulate n": [(n) => accumulate(optimizer, n), noCount, [1]],
  "everyNth n": [(n) => everyNth(0.5, n), noCount, [1]],
  "everyNth momentum": [(momentum) => everyNth(momentum, 1), noShare, [0, 1]],
  "clipByGlobalNorm max": [(max) => clipByGlobalNorm(optimizer, max), notAboveZero, [0.5]],
  "layerDecay decay": [(decay) => layerDecay(optimizer, decay), [0, 1.1, NaN], [1]],
  "scaleByBatch base": [(base) => scaleByBatch(base, 1), negative, [0]],
  "scaleByBatch batch": [(batch) => scaleByBatch(1, batch), noCount, [1]],
  "constant": [constant, [NaN, Infinity], [-1]],
  "cosine base": [(base) => cosine({ base, epochs: 2, stepsPerEpoch: 1 }), [NaN, Infinity], [-1]],
  "cosine epochs": [(epochs) => cosine({ base: 1, epochs, stepsPerEpoch: 1 }), notAboveZero, [0.5]],
  "cosine warmupEpochs": [
    (warmupEpochs) => cosine({ base: 1, epochs: 2, stepsPerEpoch: 1, warmupEpochs }),
    [-1, 2, NaN],
    [0, 1.9],
  ],
  "stepDecay gamma": [
    (gamma) => stepDecay({ base: 1, milestones: [], gamma, stepsPerEpoch: 1 }),
    [NaN, Infinity],
    [0],
  ],
  "stepDecay milestones": [
    (milestone) => stepDecay({ base: 1, milestones: [milestone], stepsPerEpoch: 1 }),
    negative,
    [0, 1.5],
  ],
  "warmup steps": [(steps) => warmup(constant(1), { base: 1, steps }), negative, [0, 2.5]],
  "momentumSchedule base": [(base) => momentumSchedule({ base, epochs: 1, stepsPerEpoch: 1 }), noShare, [0, 1]],
  "momentumSchedule epochs": [(epochs) => momentumSchedule({ base: 1, epochs, stepsPerEpoch: 1 }), notAboveZero, [1]],

  "dense features": [(features) => dense({ features }), noCount, [1]],
  "dense parts": [(parts) => dense({ features: 6, parts }), [...noCount, 4], [3]],
  "conv channels": [(channels) => conv({ channels, size: 1 }), noCount, [1]],
  "conv size": [(size) => conv({ channels: 1, size }), noCount, [1]],
  "conv stride": [(stride) => conv({ channels: 1, size: 1, stride }), noCount, [1]],
  "conv padding": [(padding) => conv({ channels: 1, size: 1, padding }), [-1, 0.5, NaN], [0, 3]],
  "maxPool size": [(size) => maxPool({ size }), noCount, [1]],
  "maxPool stride": [(stride) => maxPool({ size: 1, stride }), noCount, [1]],
  "maxPool padding": [(padding) => maxPool({ size: 3, padding }), [-1, 0.5, 2, NaN], [0, 1]],
  "averagePool grid": [(grid) => averagePool({ grid }), noCount, [1]],
  "batchNorm scale": [(scale) => batchNorm({ scale }), [NaN, Infinity], [0, -1]],
  "batchNorm momentum": [(momentum) => batchNorm({ momentum }), noShare, [0, 1]],
  "batchNorm epsilon": [(epsilon) => batchNorm({ epsilon }), negative, [0]],
  "layerNorm epsilon": [(epsilon) => layerNorm({ epsilon }), negative, [0]],
  "patchProjection patch": [(patch) => patchProjection({ patch, dimension: 1 }), noCount, [1]],
  "patchProjection dimension": [(dimension) => patchProjection({ patch: 1, dimension }), noCount, [1]],
  "attention dimension": [(dimension) => attention({ dimension, heads: 1 }), noCount, [1]],
  "attention heads": [(heads) => attention({ dimension: 6, heads }), [...noCount, 4], [3]],
  "attentionWeights heads": [(heads) => attentionWeights({ dimension: 6, heads }), [...noCount, 4], [3]],
  "transformerBlock ratio": [(ratio) => transformerBlock({ dimension: 4, heads: 1, ratio }), notAboveZero, [0.5]],
  "sinCosPosition rows": [(rows) => sinCosPosition([rows, 1], 4), noCount, [1]],
  "sinCosPosition columns": [(columns) => sinCosPosition([1, columns], 4), noCount, [1]],
  "sinCosPosition dimension": [(dimension) => sinCosPosition([1, 1], dimension), [...noCount, 6], [4]],
  "linearHead": [linearHead, noCount, [1]],
  "mlpHead": [mlpHead, noCount, [1]],
  "linearClassifier": [linearClassifier, noCount, [1]],
  "batchNormHead layers": [(layers) => batchNormHead({ layers }), noCount, [1]],
  "batchNormHead hidden": [(hidden) => batchNormHead({ layers: 1, hidden }), noCount, [1]],
  "batchNormHead dimension": [(dimension) => batchNormHead({ layers: 1, dimension }), noCount, [1]],
  "resnet18 width": [(width) => resnet18({ width }), [0, -1, 0.001, NaN, Infinity], [0.0625]],
  "resnet18 poolGrid": [(poolGrid) => resnet18({ width: 0.0625, poolGrid }), noCount, [2]],
  "vit dimension": [(dimension) => vit({ dimension, depth: 1, heads: 1 }), [...noCount, 6], [4]],
  "vit depth": [(depth) => vit({ dimension: 4, depth, heads: 1 }), noCount, [1]],
  "vit heads": [(heads) => vit({ dimension: 4, depth: 1, heads }), [...noCount, 3], [2]],
  "vit patch": [(patch) => vit({ dimension: 4, depth: 1, heads: 1, patch }), noCount, [1]],

  "createMoco queueSize": [(queueSize) => createMoco({ ...moco, queueSize }), noCount, [1]],
  "createMoco momentum": [(momentum) => createMoco({ ...moco, momentum }), noShare, [0, 1]],
  "createMoco temperature": [(temperature) => createMoco({ ...moco, temperature }), notAboveZero, [0.07]],
  "createMocoV3 momentum": [(momentum) => createMocoV3({ ...v3, momentum }), noShare, [0, 1]],
  "createMocoV3 temperature": [(temperature) => createMocoV3({ ...v3, temperature }), notAboveZero, [1]],
  "createEndToEnd temperature": [(temperature) => createEndToEnd({ ...encoder, temperature }), notAboveZero, [1]],
  "createSimclr temperature": [(temperature) => createSimclr({ ...encoder, temperature }), notAboveZero, [1]],
  "createMemoryBank images": [(images) => createMemoryBank({ ...bank, images }), noCount, [3]],
  "createMemoryBank negatives": [(negatives) => createMemoryBank({ ...bank, negatives }), noCount, [1]],
  "createMemoryBank momentum": [(momentum) => createMemoryBank({ ...bank, momentum }), [-0.1, 1, NaN], [0]],
  "createMemoryBank temperature": [(temperature) => createMemoryBank({ ...bank, temperature }), notAboveZero, [1]],
  "createSupervised classes": [(classes) => createSupervised({ ...supervised, classes }), noCount, [1]],
  "createSupervised labelSmoothing": [
    (labelSmoothing) => createSupervised({ ...supervised, labelSmoothing }),
    [-0.1, 1, NaN],
    [0],
  ],
  "createSupervised mixup": [(mixup) => createSupervised({ ...supervised, mixup }), negative, [0, 1]],
  "initQueue dimension": [(dimension) => initQueue(key(0), 1, dimension), noCount, [1]],
  "initBank images": [(images) => initBank(images, 1), noCount, [1]],
  "initBank dimension": [(dimension) => initBank(1, dimension), noCount, [1]],
  "smoothedTargets epsilon": [
    (epsilon) => smoothedTargets(tf.tensor1d([0], "int32"), 2, epsilon),
    [-0.1, 1, NaN],
    [0],
  ],

  "randomResizedCrop size": [(size) => randomResizedCrop({ size }), noCount, [1]],
  "randomResizedCrop ratio": [(greatest) => randomResizedCrop({ size: 1, ratio: [0.5, greatest] }), [0.4, NaN], [0.5]],
  "colorJitter brightness": [(brightness) => colorJitter({ brightness }), negative, [0, 2]],
  "gaussianBlur sigma": [(greatest) => gaussianBlur({ sigma: [1, greatest] }), [0.9, NaN, Infinity], [1]],
  "gaussianBlur kernel": [(kernel) => gaussianBlur({ kernel }), [...noCount, 2], [1, 3]],
  "randomSolarize threshold": [(threshold) => randomSolarize({ threshold }), noShare, [0, 1]],
  "normalize mean": [(mean) => normalize({ mean: [mean] }), [NaN, Infinity], [0, -1]],
  "normalize std": [(std) => normalize({ std: [std] }), notAboveZero, [2]],
  "mixup alpha": [mixup, negative, [0]],
  "plainView size": [(size) => plainView({ size }), noCount, [1]],
  "plainView crop": [(crop) => plainView({ size: 1, crop }), [0, 1.1, NaN], [0.5, 1]],
  "recipe size": [(size) => recipe({ recipe: "v2", size, crop: false }), noCount, [1]],

  "clusterDevices groups": [(groups) => clusterDevices(cluster, groups), noCount, [1]],
  "split count": [(count) => split(key(0), count), [-1, 1.5, NaN], [0, 2]],
  "beta alpha": [(alpha) => beta(key(0), [1], alpha), notAboveZero, [0.5]],
  "integers limit": [(limit) => integers(key(0), [1], limit), [...noCount, 2 ** 31], [1, 2 ** 31 - 1]],
  "uniform max": [(max) => uniform(key(0), [1], 1, max), [0.5, NaN, Infinity], [1, 2]],
  "normal std": [(std) => normal(key(0), [1], 0, std), negative, [0, 2]],
  "uniform shape": [(size) => uniform(key(0), [size]), [1.5, NaN, 2 ** 32 + 1], [0, 1]],
  "permutation n": [(n) => permutation(key(0), n), [-1, 1.5, NaN], [0, 1]],
};

for (
  const [name, refused, taken] of [
    ["epochs", noCount, [1]],
    ["seed", [-1, 0.5, NaN], [0]],
    ["keep", noCount, [1]],
    ["checkpointEvery", noCount, [1]],
    ["checkpointSteps", [-1, 0.5, NaN], [0]],
    ["checkpointMinutes", negative, [0, 0.5]],
    ["evaluateEvery", [-1, 0.5, NaN], [0]],
    ["evaluateSteps", [-1, 0.5, NaN], [0]],
    ["logEvery", noCount, [1]],
  ] as const
) cases[`pretrain ${name}`] = [(number) => pretrain(toyRun("nowhere", { [name]: number })), refused, taken];

for (const [name, [takes, refused, taken]] of Object.entries(cases)) {
  Deno.test(`${name}: what makes no sense is refused at once`, () => {
    for (const number of refused) assertThrows(() => takes(number), RangeError, String(number));
    taken.forEach((number) => takes(number));
  });
}

Deno.test("a transformer's MLP has a whole number of channels", () => {
  assertThrows(() => transformerBlock({ dimension: 4, heads: 1, ratio: 0.3 }), RangeError, "found 1.2");
});

Deno.test("a schedule stands for a number that comes later", () => {
  checkNumbers("make SGD", { learningRate: [constant(0.1), { is: "number", min: 0 }] });
  sgd({ learningRate: constant(0.1) });
});
