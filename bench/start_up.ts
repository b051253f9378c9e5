/**
 * The time to the first step by parts, in milliseconds: `deno run -A bench/start_up.ts`. A program of its own, as a
 * process loads TensorFlow once.
 *
 * @module
 */
import type { Layer, Shape, Views } from "../mod.ts";

const [load, { createMoco, engineInfo, jit, key, mlpHead, normal, release, resnet18, resnet50, sgd }] =
  await timedLoad();
const [start, { tensorflow }] = timed(engineInfo);
console.log(`modules ${load}, TensorFlow ${tensorflow} ${start}`);

firstSteps("ResNet-18 at a quarter of the width", resnet18({ stem: "small", width: 0.25 }), 256, [28, 28, 1]);
firstSteps("ResNet-50", resnet50(), 16, [224, 224, 3]);

/**
 * Tells how long a method's beginning takes. "Trace" ends when the step's last op is recorded; the first run makes a
 * function of the ops, lets TensorFlow rewrite it, and is the first to take memory, so that it is told beside the next.
 */
function firstSteps(name: string, backbone: Layer, batch: number, input: Shape): void {
  const moco = createMoco({
    backbone,
    head: mlpHead(128),
    input,
    optimizer: sgd({ learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4 }),
    queueSize: 4096,
    momentum: 0.99,
    temperature: 0.2,
  });
  const views = { query: normal(key(1), [batch, ...input]), key: normal(key(2), [batch, ...input]) };
  const [init, fresh] = timed(() => moco.init(key(0)));
  let state = fresh;
  let trace = 0;
  const step = jit((state: typeof fresh, views: Views) => {
    const [taken, next] = timed(() => moco.step(state, views));
    trace = taken;
    return next;
  }, { name: "step" });
  const run = (): number => {
    const [taken, { state: next, metrics }] = timed(() => {
      const next = step(state, views);
      next.metrics.loss.dataSync(); // waits for the device
      return next;
    });
    release({ state, metrics }, next);
    state = next;
    return taken;
  };
  const first = run() - trace;
  const [second, third] = [run(), run()];
  console.log(
    `${name}, ${input.join("x")}, batch ${batch}: init ${init}, trace ${trace}, first run ${first} ` +
      `(later ones ${second} and ${third})`,
  );
  release({ state, views }, {});
}

/** What `f` gives, and how many milliseconds it took. */
function timed<T>(f: () => T): readonly [number, T] {
  const start = performance.now();
  const value = f();
  return [Math.round(performance.now() - start), value];
}

async function timedLoad(): Promise<readonly [number, typeof import("../mod.ts")]> {
  const start = performance.now();
  const modules = await import("../mod.ts");
  return [Math.round(performance.now() - start), modules];
}
