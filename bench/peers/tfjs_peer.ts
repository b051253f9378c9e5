/**
 * MoCo v2 as tfjs by itself has it: its own layers, gradients and optimizer, one kernel after another, on the same
 * TensorFlow; a contestant of `run.ts`: `deno run -A bench/peers/tfjs_peer.ts eager WORKLOAD cpu|gpu`.
 *
 * A line "go n" on standard input runs n steps; the answer is one line of JSON on standard output.
 *
 * @module
 */
import { engineInfo, key, normal } from "../../mod.ts";
import { tf } from "../../src/engine/mod.ts";
import { lines } from "./lines.ts";
import { type Device, type MocoWorkload, workload } from "./workloads.ts";

const [, name, device] = Deno.args;
const work = workload(name, device as Device) as MocoWorkload;
if (work.encoder !== "resnet18" || work.stem !== "small") {
  throw new RangeError(
    `Cannot run ${name}: expected resnet18 with the small stem, found ${work.encoder}, ${work.stem}`,
  );
}

const [query, momentumEncoder] = [encoder(), encoder()];
const trained = variablesOf(query);
const following = variablesOf(momentumEncoder);
following.forEach((variable, index) => variable.assign(trained[index]));
const optimizer = tf.train.momentum(work.learningRate, work.velocity);
const views = [1, 2].map((seed) => normal(key(seed), [work.batch, ...work.input]));
const queue = tf.variable(unit(tf.randomNormal([work.queue, work.dimension])), false);
const labels = tf.oneHot(tf.zeros([work.batch], "int32"), 1 + work.queue);

const parameters = trained.reduce((sum, { size }) => sum + size, 0);
const versions = { deno: Deno.version.deno, tensorflow: engineInfo().tensorflow, tfjs: tf.version["tfjs-core"] };

for await (const line of lines(Deno.stdin.readable)) {
  const steps = Number(line.split(" ")[1]);
  const start = performance.now();
  let loss = NaN;
  for (let i = 0; i < steps; i++) loss = tf.tidy(step);
  console.log(JSON.stringify({ milliseconds: (performance.now() - start) / steps, loss, parameters, versions }));
}

function step(): number {
  const { momentum, temperature, weightDecay, batch } = work;
  following.forEach((variable, index) => {
    variable.assign(tf.add(tf.mul(variable, momentum), tf.mul(trained[index], 1 - momentum)));
  });
  const keys = embed(momentumEncoder, views[1]); // [N, D]
  const { value, grads } = tf.variableGrads(() => {
    const queries = embed(query, views[0]);
    const positive = tf.sum(tf.mul(queries, keys), 1, true); // [N, 1]
    const negative = tf.matMul(queries, queue as unknown as tf.Tensor2D, false, true); // [N, K]
    const logits = tf.div(tf.concat([positive, negative], 1), temperature);
    return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
  }, trained);
  optimizer.applyGradients(trained.map((variable) => {
    const tensor = tf.add(grads[variable.name], tf.mul(variable, weightDecay));
    return { name: variable.name, tensor };
  }));
  queue.assign(tf.concat([tf.slice(queue, [batch, 0]), keys], 0));
  return value.dataSync()[0];
}

function embed(model: tf.LayersModel, images: tf.Tensor): tf.Tensor2D {
  return unit(model.apply(images, { training: true }) as tf.Tensor);
}

function unit(x: tf.Tensor): tf.Tensor2D {
  return tf.div(x, tf.norm(x, "euclidean", 1, true));
}

function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => (weight as unknown as { readonly val: tf.Variable }).val);
}

/** ResNet-18 with a 3x3 stem, and the head of two linear layers. */
function encoder(): tf.LayersModel {
  const { input, width, dimension } = work;
  const image = tf.input({ shape: [...input] });
  let x = rectified(normalized(image, 64 * width, 3, 1));
  for (const [stage, channels] of [64, 128, 256, 512].map((channels) => channels * width).entries()) {
    for (const stride of [stage === 0 ? 1 : 2, 1]) {
      const branch = normalized(rectified(normalized(x, channels, 3, stride)), channels, 3, 1);
      const shortcut = stride === 1 ? x : normalized(x, channels, 1, stride);
      x = rectified(tf.layers.add().apply([branch, shortcut]) as tf.SymbolicTensor);
    }
  }
  const features = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  const hidden = tf.layers.dense({ units: 512 * width, activation: "relu" }).apply(features);
  return tf.model({ inputs: image, outputs: tf.layers.dense({ units: dimension }).apply(hidden) as tf.SymbolicTensor });
}

function normalized(x: tf.SymbolicTensor, filters: number, kernelSize: number, strides: number): tf.SymbolicTensor {
  const convolution = tf.layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false });
  const norm = tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 });
  return norm.apply(convolution.apply(x)) as tf.SymbolicTensor;
}

function rectified(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.reLU().apply(x) as tf.SymbolicTensor;
}
