/**
 * MoCo in this library, as a contestant of `run.ts`:
 * `deno run -A bench/peers/ours.ts compiled|eager|bfloat16[,recompute] WORKLOAD cpu|gpu [IMAGES]`.
 *
 * A line "go n" on standard input runs n steps; the answer is one line of JSON on standard output.
 *
 * @module
 */
import { batches, dispose, engineInfo, jit, key, normal, release, scope, twoViews } from "../../mod.ts";
import { trainStep } from "../../src/train/train_step.ts";
import { lines } from "./lines.ts";
import { methodOf, parametersOf } from "./our_method.ts";
import { type Device, workload } from "./workloads.ts";

const [choices, name, device, path] = Deno.args;
const [variant, ...more] = choices.split(",");
const options = { jit: variant !== "eager", precision: variant === "bfloat16" ? "bfloat16" : "float32" } as const;

/** Takes `steps` steps, waits for the last, and gives its loss. */
type Run = (steps: number) => number;

const { tensorflow, devices } = engineInfo();
if (device === "gpu" && !devices.some(({ type }) => type === "GPU")) {
  const found = devices.map(({ type }) => type).join(", ");
  console.error(`Cannot run on a GPU: expected TensorFlow to find one, found ${found}`);
  Deno.exit(1);
}
const work = workload(name, device as Device);
const method = methodOf(work, more.includes("recompute"));
let state = method.init(key(0));
const parameters = parametersOf(state);
const versions = { deno: Deno.version.deno, tensorflow };
const run = path === undefined ? onFixedViews() : onImages(path);

for await (const line of lines(Deno.stdin.readable)) {
  const steps = Number(line.split(" ")[1]);
  const start = performance.now();
  const loss = run(steps);
  console.log(JSON.stringify({ milliseconds: (performance.now() - start) / steps, loss, parameters, versions }));
}

/** The step alone, on the same random views again and again. */
function onFixedViews(): Run {
  const shape = [work.batch, ...work.input];
  const views = scope(() => ({ query: normal(key(1), shape), key: normal(key(2), shape) }));
  const step = options.jit ? jit(method.step, { precision: options.precision, donated: [0] }) : method.step;
  return repeated(() => step(state, views));
}

/** Batches of images, their augmentation and the step; every call goes through images of an epoch of its own. */
function onImages(path: string): Run {
  const images = Deno.readFileSync(path);
  const [height, width, channels] = work.input;
  const dataset = { name, images, count: images.length / (height * width * channels), height, width, channels };
  const source = batches({ dataset, batch: work.batch, seed: 0 });
  const step = trainStep(method, twoViews({ recipe: "v2", size: height }), { ...options, takesState: true });
  let epoch = 0;
  return (steps) => {
    const epochBatches = source.epoch(epoch++);
    const loss = repeated(() => {
      const batch = epochBatches.next().value!;
      const next = step(state, batch);
      dispose(batch);
      return next;
    })(steps);
    epochBatches.return();
    return loss;
  };
}

function repeated(step: () => ReturnType<typeof method.step>): Run {
  return (steps) => {
    let loss = NaN;
    for (let i = 0; i < steps; i++) {
      const next = step();
      if (i === steps - 1) loss = next.metrics.loss.dataSync()[0]; // waits for all that the device was given
      release({ state, metrics: next.metrics }, next.state);
      state = next.state;
    }
    return loss;
  };
}
