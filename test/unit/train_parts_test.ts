import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { type Key, key } from "../../src/core/random.ts";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { configDifferences } from "../../src/train/config_differences.ts";
import { renderTrainingError } from "../../src/train/errors.ts";
import { nonFiniteLeaf } from "../../src/train/finite.ts";
import { exitStatus, listenForInterrupt } from "../../src/train/interrupt.ts";
import { openMetricsLog, parseMetrics, renderMetrics, truncateMetrics } from "../../src/train/metrics_log.ts";
import { advance, dueAt, start } from "../../src/train/position.ts";
import { renderDuration, renderProgress, terminalReporter } from "../../src/train/progress.ts";
import { rateOf } from "../../src/train/rate.ts";
import { readings } from "../../src/train/readings.ts";
import { trainStep } from "../../src/train/train_step.ts";
import type { Method } from "../../src/methods/types.ts";
import { left, right } from "../support/either.ts";

type SumState = { readonly random: Key; readonly sum: Tensor };

/** A method that sums what it sees. */
const summing: Method<SumState> = {
  init: (random) => ({ random, sum: tf.scalar(0) }),
  step: ({ random, sum }, { query }) => ({
    state: { random: tf.clone(random), sum: tf.add(sum, tf.sum(query)) },
    metrics: { loss: tf.scalar(0) },
  }),
  features: (_, images) => images,
};

for (const jit of [false, true]) {
  Deno.test(`a step that takes its state over frees it, and borrows the batch (jit: ${jit})`, () => {
    const step = trainStep(summing, (_, x) => ({ query: x, key: x }), { jit, takesState: true });
    const batch = { images: tf.tensor1d([1, 2]), index: tf.tensor1d([0, 1], "int32") };
    const before = liveTensors();
    let state = summing.init(key(0));
    for (let i = 0; i < 3; i++) {
      const next = step(state, batch);
      assert(state.sum.isDisposed && state.random.isDisposed);
      state = next.state;
      dispose(next.metrics);
    }
    assertEquals(state.sum.dataSync()[0], 9);
    assertEquals([...batch.images.dataSync()], [1, 2]);
    dispose(state);
    assertEquals(liveTensors(), before);
    dispose(batch);
  });

  Deno.test(`a step that borrows its state can be taken again, and leaves nothing else behind (jit: ${jit})`, () => {
    const step = trainStep(summing, (_, x) => ({ query: x, key: x }), { jit });
    const batch = { images: tf.tensor1d([1, 2]), index: tf.tensor1d([0, 1], "int32") };
    const state = summing.init(key(0));
    const before = liveTensors();
    for (let i = 0; i < 2; i++) {
      const next = step(state, batch);
      assertEquals(next.state.sum.dataSync()[0], 3);
      dispose(next);
    }
    assertEquals(liveTensors(), before);
    dispose({ state, batch });
  });
}

Deno.test("a position after n steps is n by epochs", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 7 }), fc.nat({ max: 40 }), (perEpoch, steps) => {
    let position = start;
    for (let step = 0; step < steps; step++) position = advance(position, perEpoch);
    assertEquals(position, { epoch: Math.floor(steps / perEpoch), batch: steps % perEpoch, step: steps });
  }));
});

Deno.test("what is due follows its cadence, and the end of a run is never left out", () => {
  const cadence = {
    epochs: 5,
    logEvery: 4,
    evaluateEvery: 2,
    checkpointEvery: 3,
    checkpointSteps: 0,
    evaluateSteps: 0,
  };
  const due = (epoch: number, batch: number) => dueAt({ epoch, batch, step: 3 * epoch + batch }, cadence);
  assertEquals(due(0, 1), { log: false, evaluate: false, checkpoint: false });
  assertEquals(due(1, 1), { log: true, evaluate: false, checkpoint: false }); // step 4
  assertEquals(due(2, 0), { log: false, evaluate: true, checkpoint: false });
  assertEquals(due(2, 2), { log: true, evaluate: false, checkpoint: false });
  assertEquals(due(3, 0), { log: false, evaluate: false, checkpoint: true });
  assertEquals(due(5, 0), { log: true, evaluate: true, checkpoint: true });
  const never = { ...cadence, evaluateEvery: 0, checkpointSteps: 5 };
  assertEquals(dueAt({ epoch: 5, batch: 0, step: 15 }, never), { log: true, evaluate: false, checkpoint: true });
  assertEquals(dueAt({ epoch: 1, batch: 2, step: 5 }, never).checkpoint, true);
  const often = { ...cadence, evaluateEvery: 0, evaluateSteps: 7 };
  const evaluated = (epoch: number, batch: number) => dueAt({ epoch, batch, step: 3 * epoch + batch }, often).evaluate;
  assertEquals([evaluated(2, 0), evaluated(2, 1), evaluated(4, 2), evaluated(5, 0)], [false, true, true, true]);
});

Deno.test("metrics up to a step are a prefix, and a line that was cut off is none", () => {
  const records = [1, 2, 3].map((step) => ({ step, epoch: step / 2, metrics: { loss: step } }));
  const text = renderMetrics(records);
  assertEquals(parseMetrics(text), records);
  for (const step of [0, 1, 2, 3, 4]) assertEquals(parseMetrics(truncateMetrics(text, step)), records.slice(0, step));
  for (let length = 0; length <= text.length; length++) {
    const whole = parseMetrics(text.slice(0, length));
    assertEquals(whole, records.slice(0, whole.length));
  }
});

Deno.test("a log is cut at its step, then added to", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "metrics.jsonl");
  await Deno.writeTextFile(path, '{"step":1,"epoch":1}\n{"step":2,"epoch":2}\n{"step":3,"ep');
  const log = right(await openMetricsLog(path, 1)());
  right(await log.append({ step: 2, epoch: 2, evaluation: { knn: 0.5 } })());
  right(await log.sync()());
  log.close();
  assertEquals(
    await Deno.readTextFile(path),
    '{"step":1,"epoch":1}\n{"step":2,"epoch":2,"evaluation":{"knn":0.5}}\n',
  );
  // A fresh run in a folder where one was killed before its first checkpoint begins with an empty file.
  right(await openMetricsLog(path, 0)()).close();
  assertEquals(await Deno.readTextFile(path), "");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the progress line says what is known and no more", () => {
  const state = { epoch: 2, epochs: 20, step: 700, steps: 9380, imagesLeft: 100_000, metrics: { loss: 5.1234 } };
  assertEquals(renderProgress(state), "epoch 2/20  step 700/9380  loss 5.123");
  assertEquals(
    renderProgress({
      ...state,
      imagesPerSecond: 500,
      metrics: { loss: 5.1234, chance: Math.log(4097), accuracy: 0.0625, realKeys: 0.5 },
      evaluation: { knn: 0.8156 },
    }),
    "epoch 2/20  step 700/9380  500 images/s  3 min left  loss 5.123 (chance 8.32)  contrast 6.3 %  keys 50.0 % real  knn 81.6 %",
  );
  assertEquals([0.4, 89, 90, 3600, 7500, Infinity].map(renderDuration), [
    "0 s",
    "89 s",
    "2 min",
    "1 h 00 min",
    "2 h 05 min",
    "?",
  ]);
});

function fakeTerminal(screen: boolean) {
  const written: string[] = [];
  let time = 0;
  return {
    written,
    pass: (milliseconds: number) => time += milliseconds,
    isTerminal: () => screen,
    columns: () => 6,
    write: (text: string) => void written.push(text),
    now: () => time,
  };
}

Deno.test("on a screen one line is written anew, within its width, and notes stand above it", () => {
  const terminal = fakeTerminal(true);
  const reporter = terminalReporter(terminal);
  reporter.note("begin");
  reporter.progress("123456789");
  reporter.note("note");
  reporter.progress("x");
  reporter.end();
  reporter.end();
  assertEquals(terminal.written, ["begin\n", "\r\x1b[2K12345", "\r\x1b[2Knote\n12345", "\r\x1b[2Kx", "\n"]);
});

Deno.test("in a pipe a progress line is written every five seconds and at the end, and notes always", () => {
  const terminal = fakeTerminal(false);
  const reporter = terminalReporter(terminal);
  for (const line of ["a long line", "b", "c", "d"]) {
    reporter.progress(line);
    terminal.pass(2500);
  }
  reporter.note("note");
  reporter.end();
  reporter.end();
  assertEquals(terminal.written, ["a long line\n", "c\n", "note\n", "d\n"]);
});

Deno.test("the rate does not count the step that compiles", () => {
  let time = 0;
  const clock = rateOf(() => time);
  time = 60_000;
  clock.count(8);
  assertEquals(clock.rate(), undefined);
  time += 1000;
  clock.count(8);
  time += 1000;
  clock.count(8);
  assertEquals(clock.rate(), 8);
  assertEquals(clock.rate(), undefined);
});

Deno.test("readings name the first step whose loss was not finite, and free everything", () => {
  const before = liveTensors();
  const read = readings();
  const metrics = (loss: number, norm: number) => ({ loss: tf.scalar(loss), norm: tf.scalar(norm) });
  read.add(1, metrics(1, Infinity)); // of a step that is not the last the loss alone is kept
  read.add(2, metrics(2, 3));
  assertEquals(right(read.read()), { loss: 2, norm: 3 });
  assertEquals(right(read.read()), undefined);
  read.add(3, metrics(1, 1));
  read.add(4, metrics(-Infinity, 1));
  read.add(5, metrics(NaN, 1));
  read.add(6, metrics(1, 1));
  assertEquals(left(read.read()), { step: 4, what: "loss", value: "-Infinity" });
  read.add(7, metrics(1, NaN));
  assertEquals(left(read.read()), { step: 7, what: "norm", value: "NaN" });
  read.add(8, metrics(1, 1));
  read.discard();
  assertEquals(liveTensors(), before);
});

Deno.test("a tensor with one number that is not finite is found by its path", () => {
  const before = liveTensors();
  const tree = {
    step: tf.scalar(2, "int32"),
    a: { b: tf.ones([3, 3]), c: tf.tensor1d([1, -Infinity]) },
    d: tf.scalar(NaN),
  };
  assertEquals(nonFiniteLeaf(tree), "a.c");
  assertEquals(nonFiniteLeaf({ step: tree.step, b: tree.a.b, empty: {} }), undefined);
  dispose(tree);
  assertEquals(liveTensors(), before);
});

Deno.test("configurations differ by field", () => {
  const config = { a: 1, b: { c: [1, 2], d: null }, e: "x" };
  assertEquals(configDifferences(config, { e: "x", b: { d: null, c: [1, 2] }, a: 1 }), []);
  assertEquals(configDifferences(config, { a: 2, b: { c: [2, 1], d: null }, f: true }), [
    { path: "a", expected: "1", found: "2" },
    { path: "b.c", expected: "[1,2]", found: "[2,1]" },
    { path: "e", expected: '"x"', found: "null" },
    { path: "f", expected: "null", found: "true" },
  ]);
});

Deno.test({
  name: "the first signal asks, the second one aborts, and after closing none is heard",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const heard: (string | number)[] = [];
    // The last listener. It holds the default action off, so that the test outlives a signal that nobody else hears.
    let arrived = 0;
    const last = () => arrived++;
    const send = async () => {
      const before = arrived;
      Deno.kill(Deno.pid, "SIGTERM");
      while (arrived === before) await new Promise((resolve) => setTimeout(resolve, 1)); // however loaded the machine is
    };
    const interrupt = listenForInterrupt((signal) => heard.push(signal), (status) => heard.push(status));
    Deno.addSignalListener("SIGTERM", last);
    assertEquals(interrupt.requested(), false);
    await send();
    assertEquals(interrupt.requested(), true);
    await send(); // as deno task hands on what the terminal has sent
    assertEquals(heard, ["SIGTERM"]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await send();
    interrupt.close();
    await send();
    Deno.removeSignalListener("SIGTERM", last);
    assertEquals(heard, ["SIGTERM", exitStatus.SIGTERM]);
  },
});

Deno.test("each reason why a run stops is a sentence that says where things stand", () => {
  assertEquals(
    renderTrainingError({
      _tag: "NonFinite",
      step: 12,
      what: "loss",
      value: "NaN",
      lastGood: "c/step-00000010.safetensors",
    }),
    "Cannot go on: expected finite numbers, found loss = NaN at step 12. " +
      "The last good checkpoint is c/step-00000010.safetensors. A lower learning rate, or a warm-up, often helps.",
  );
  assertEquals(
    renderTrainingError({ _tag: "Unsaved", path: "x", reason: "no space left on the device", lastGood: "y" }),
    "Cannot write x: no space left on the device. The last good checkpoint is y.",
  );
  assertEquals(
    renderTrainingError({ _tag: "RunBusy", folder: "f" }),
    "Cannot train in f: another program trains there",
  );
});

Deno.test("a step measures how many images have two views that are the same, and how many equal another", () => {
  const method: Method<{ readonly random: Key }> = {
    init: (random) => ({ random }),
    step: ({ random }) => ({ state: { random: tf.clone(random) }, metrics: { loss: tf.scalar(0) } }),
    features: (_, images) => images,
  };
  const images = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]);
  const batch = { images, index: tf.tensor1d([0, 1, 2, 3], "int32"), identical: tf.scalar(0.5) };
  const views = (_: Key, images: Tensor) => ({ query: images, key: tf.mul(images, [[1, 1], [1, 2], [1, 1], [0, 1]]) });
  for (const jit of [false, true]) {
    const { metrics } = trainStep(method, views, { jit })(method.init(key(0)), batch);
    const [same, copies] = [metrics.identicalViews, metrics.identicalImages].map((value) => value.dataSync()[0]);
    assertEquals([same, copies], [0.5, 0.5]);
  }
  const others = (_: Key, images: Tensor) => ({ query: images, key: tf.reshape(images, [2, 4]) });
  const { metrics } = trainStep(method, others)(method.init(key(0)), { images, index: batch.index });
  assertEquals([metrics.identicalViews.dataSync()[0], metrics.identicalImages], [0, undefined]);
});

Deno.test("a step that takes long is said to run after some seconds, although it blocks its thread", async () => {
  const module = new URL("../../src/train/progress.ts", import.meta.url).href;
  const script = `import { terminalReporter } from ${JSON.stringify(module)};
    terminalReporter().running("step 3/9");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30_000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--quiet", "--allow-read", "-"],
    stdin: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  let said = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes(" so far\n")) child.kill("SIGKILL"); // it has said what it is here for
  }
  await child.status;
  assertMatch(said, /^step 3\/9\nstep 3\/9: [5-9] s so far\n$/);
});
