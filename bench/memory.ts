/**
 * Resident memory and live tensors over 1,000 compiled steps on fresh images each: `deno run -A bench/memory.ts`.
 *
 * @module
 */
import {
  batches,
  createMoco,
  dispose,
  jit,
  key,
  liveTensors,
  mlpHead,
  recipe,
  resnet18,
  sgd,
  split,
  type Tensor,
  virtualDevices,
} from "../mod.ts";

const [steps, batch, size] = [1000, 64, 28];
const augment = recipe({ recipe: "v2", size });
const moco = createMoco({
  backbone: resnet18({ stem: "small", stemStride: 2, width: 0.25 }),
  head: mlpHead(128),
  input: [size, size, 1],
  optimizer: sgd({ learningRate: 0.03 }),
  queueSize: 4096,
  momentum: 0.99,
  temperature: 0.2,
  devices: virtualDevices(4),
});
const step = jit((state: ReturnType<typeof moco.init>, images: Tensor) => {
  const [first, second] = split(state.random);
  return moco.step(state, { query: augment(first, images), key: augment(second, images) });
}, { name: "step", donated: [0] });

const count = batch * 50;
const images = Uint8Array.from({ length: count * size * size }, (_, index) => (index * 31) % 256);
const dataset = { name: "noise", images, count, height: size, width: size, channels: 1 };
const source = batches({ dataset, batch, seed: 0 });

let state = moco.init(key(0));
let taken = 0;
for (let epoch = 0; taken < steps; epoch++) {
  for await (const batch of source.epoch(epoch)) {
    const { state: next, metrics } = step(state, batch.images);
    dispose(batch);
    dispose(metrics);
    state = next;
    if (++taken % 100 === 0) {
      const megabytes = Deno.memoryUsage().rss / 2 ** 20;
      console.log(`step ${taken}: ${megabytes.toFixed(0)} MiB resident, ${liveTensors()} tensors`);
    }
  }
}
