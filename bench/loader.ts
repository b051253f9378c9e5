/**
 * What of a training's time goes to its images: the loader's share beside the views and the step.
 *
 *     deno run -A bench/loader.ts [--python VENV/bin/python] [--only photographs]
 *
 * A Python with scikit-learn and Pillow makes the photographs; without one they are left out.
 *
 * The loader is asked for each batch right after the last, so that none of its work hides in a pause of the training
 * loop: the share is the most that a training can wait.
 *
 * @module
 */
import { parseArgs } from "node:util";
import {
  type Batch,
  type Batches,
  batches,
  createMoco,
  type Crops,
  dispose,
  key,
  type Layer,
  mlpHead,
  resnet18,
  resnet50,
  sgd,
  type Tensor,
  twoViews,
  viewBatches,
} from "../mod.ts";
import { trainStep } from "../src/train/train_step.ts";
import { jpeg } from "../test/support/image_files.ts";
import { jpegFiles } from "./pipeline/files.ts";

/** Images in batches, of which a training takes one after another. */
type Source = Batches<Generator<Batch<Tensor | Crops>>>;

const { values: { python, only = "" } } = parseArgs({
  options: { python: { type: "string" }, only: { type: "string" } },
});

/** Folders of images that were made, and go at the end. */
const made: string[] = [];

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 2654435761) >>> 24);

await share("60,000 images of 28x28x1 in memory, ResNet-18 at a quarter of the width", {
  read: () => {
    const [count, height, width, channels] = [60000, 28, 28, 1];
    const images = noise(count * height * width * channels);
    const dataset = { name: "noise", images, count, height, width, channels };
    return Promise.resolve(batches({ dataset, batch: 256, seed: 0 }));
  },
  ...{ batch: 256, size: 28, channels: 1, backbone: resnet18({ stem: "small", width: 0.25 }), counted: 6 },
});

await share("a folder of JPEGs of 48x48, ResNet-18 at 32x32", {
  read: () => readFolder(256, 48, 48, 32, 64),
  ...{ batch: 64, size: 32, channels: 3, backbone: resnet18({ stem: "small" }), counted: 4 },
});

await share("a folder of JPEGs of 400x350, ResNet-50 at 224x224", {
  read: () => readFolder(64, 350, 400, 224, 16),
  ...{ batch: 16, size: 224, channels: 3, backbone: resnet50(), counted: 2 },
});

if (python !== undefined) {
  const folder = await jpegFiles(python, 300);
  made.push(folder);
  await share("300 photographs of 500x375, ResNet-18 at 64x64", {
    read: () => Promise.resolve(read(Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`), 64, 64)),
    ...{ batch: 64, size: 64, channels: 3, backbone: resnet18(), counted: 24 },
  });
}
for (const folder of made) await Deno.remove(folder, { recursive: true });

/** A folder of JPEGs, read as a training of views of this size reads it. */
async function readFolder(count: number, height: number, width: number, size: number, batch: number): Promise<Source> {
  // Shades with some noise; the files have JPEG's best quality.
  const pixels = Array.from(noise(height * width * 3), (byte, index) => 96 + byte / 16 + (index % (3 * width)) / 32);
  const folder = await Deno.makeTempDir();
  made.push(folder);
  const paths = Array.from({ length: count }, (_, index) => `${folder}/${index}.jpg`);
  const file = jpeg(pixels, height, width);
  for (const path of paths) await Deno.writeFile(path, file);
  return read(paths, size, batch);
}

/** Image files, cut into views by the papers' law. */
function read(paths: readonly string[], size: number, batch: number): Source {
  const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
  return viewBatches({ source: { name: "files", paths }, batch, seed: 0, size, boxes: [law, law] });
}

/** Tells the loader's share beside the step that is run after each batch. */
async function share(
  name: string,
  work: {
    readonly read: () => Promise<Source>;
    readonly batch: number;
    readonly size: number;
    readonly channels: number;
    readonly backbone: Layer;
    readonly counted: number;
  },
): Promise<void> {
  if (!name.includes(only)) return;
  const { read, batch, size, channels, backbone, counted } = work;
  const moco = createMoco({
    backbone,
    head: mlpHead(128),
    input: [size, size, channels],
    optimizer: sgd({ learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4 }),
    queueSize: 4096,
    momentum: 0.99,
    temperature: 0.2,
  });
  const step = trainStep(moco, twoViews({ recipe: "v2", size }), { jit: true, takesState: true });
  const source = await read();
  let epoch = 0;
  let running = source.epoch(epoch);
  const load = (): Batch<Tensor | Crops> => {
    const { value } = running.next();
    if (value) return value;
    running = source.epoch(++epoch);
    return load();
  };
  let state = moco.init(key(0));
  const warmup = 2; // the first step compiles, the second still fills caches
  const times: { readonly loading: number; readonly stepping: number }[] = [];
  while (times.length < warmup + counted) {
    const start = performance.now();
    const loaded = load();
    const between = performance.now();
    const { state: next, metrics } = step(state, loaded);
    metrics.loss.dataSync(); // waits for the device
    times.push({ loading: between - start, stepping: performance.now() - between });
    dispose({ loaded, metrics });
    state = next;
  }
  dispose(state);
  source.close?.();
  const last = times.slice(warmup);
  const loading = mean(last.map((time) => time.loading));
  const stepping = mean(last.map((time) => time.stepping));
  const percent = (part: number) => `${(100 * part / (part + stepping)).toFixed(2)} %`;
  console.log(
    `${name}, batch ${batch}: loader ${loading.toFixed(2)} ms, views and step ${stepping.toFixed(0)} ms, ` +
      `${percent(loading)} waiting`,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
