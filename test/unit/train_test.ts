import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { basename, join } from "node:path";
import { readBytes, type Tensor } from "../../src/engine/mod.ts";
import { TaskEither } from "../../src/core/either.ts";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { bestFile, stepFile } from "../../src/checkpoint/folder.ts";
import { renderTrainingError } from "../../src/train/errors.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import { mayTrainIn } from "../../src/train/run_folder.ts";
import type { Team } from "../../src/train/team.ts";
import { left, right } from "../support/either.ts";
import { toyBatches, toyMethod, toyRun } from "../support/toy_run.ts";

const bytesOf = (tree: Tree) => Object.fromEntries(entries(tree).map(([path, leaf]) => [path, readBytes(leaf)]));

/** The lines of a metrics file without the speed, which no two runs share. */
const metricsOf = async (folder: string) =>
  parseMetrics(await Deno.readTextFile(join(folder, "metrics.jsonl"))).map((record) => ({
    ...record,
    imagesPerSecond: undefined,
  }));

const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

async function inTemporary(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const jit of [true, false]) {
  for (const stopAt of [3, 5, 12]) {
    Deno.test(`15 steps = ${stopAt} steps, save, load, the rest, bit for bit (jit: ${jit})`, () =>
      inTemporary(async (folder) => {
        const whole = right(await pretrain(toyRun(join(folder, "whole"), { jit }))());
        const parts = toyRun(join(folder, "parts"), { jit });
        let steps = 0;
        const first = right(await pretrain({ ...parts, interrupted: () => ++steps === stopAt })());
        assertEquals(first._tag, "Interrupted");
        assertEquals(first.position.step, stopAt);
        dispose(first.state);
        const taken: string[] = [];
        const second = right(await pretrain({ ...parts, batches: toyBatches(5, taken), resume: true })());
        assertEquals(second._tag, "Finished");
        assertEquals(second.position, { epoch: 3, batch: 0, step: 15 });
        assertEquals(taken[0], `${Math.floor(stopAt / 5)}.${stopAt % 5}`);
        assertEquals(bytesOf(second.state), bytesOf(whole.state));
        assertEquals(await metricsOf(join(folder, "parts")), await metricsOf(join(folder, "whole")));
        assertEquals(
          await Deno.readFile(second.checkpoint),
          await Deno.readFile(whole.checkpoint),
          "two checkpoints of the same state are the same bytes",
        );
        dispose(second.state);
        dispose(whole.state);
      }));
  }
}

Deno.test("each step is announced before it is taken, and a run that is done announces none", () =>
  inTemporary(async (folder) => {
    const announced: string[] = [];
    const nothing = () => {};
    const reporter = {
      progress: nothing,
      note: nothing,
      end: nothing,
      running: (what: string) => announced.push(what),
    };
    const run = { ...toyRun(folder, { epochs: 1 }), reporter };
    dispose(right(await pretrain(run)()).state);
    assertEquals(announced.map((what) => what.split(",")[0]), [1, 2, 3, 4, 5].map((step) => `step ${step}/5`));
    dispose(right(await pretrain({ ...run, resume: true })()).state);
    assertEquals(announced.length, 5);
  }));

Deno.test("metrics written after the checkpoint that a run resumes from are cut off", () =>
  inTemporary(async (folder) => {
    const run = toyRun(folder);
    const first = right(await pretrain(run)());
    const expected = await metricsOf(folder);
    const final = bytesOf(first.state);
    dispose(first.state);
    // As if the program had been killed in the middle of step 14's line, after the checkpoint of step 10.
    await Deno.remove(stepFile(join(folder, "checkpoints"), 15));
    const text = await Deno.readTextFile(join(folder, "metrics.jsonl"));
    await Deno.writeTextFile(join(folder, "metrics.jsonl"), text.slice(0, text.lastIndexOf('"step":14') + 4));
    const second = right(await pretrain({ ...run, resume: true })());
    assertEquals(await metricsOf(folder), expected);
    assertEquals(bytesOf(second.state), final);
    dispose(second.state);
  }));

Deno.test("a run holds no more tensors than its state, whatever its length", () =>
  inTemporary(async (folder) => {
    for (const [name, epochs] of [["short", 1], ["long", 6]] as const) {
      const before = liveTensors();
      const { state } = right(await pretrain(toyRun(join(folder, name), { epochs }))());
      assertEquals(liveTensors() - before, entries(state).length);
      dispose(state);
    }
  }));

Deno.test("a run that fails or is interrupted holds nothing but what it hands over", () =>
  inTemporary(async (folder) => {
    const before = liveTensors();
    left(await pretrain({ ...toyRun(join(folder, "a")), method: toyMethod({ infiniteAt: 6 }) })());
    assertEquals(liveTensors(), before);
    const { state } = right(await pretrain({ ...toyRun(join(folder, "b")), interrupted: () => true })());
    assertEquals(liveTensors() - before, entries(state).length);
    dispose(state);
    left(await pretrain(toyRun(join(folder, "b")))());
    left(await pretrain({ ...toyRun(join(folder, "b")), method: toyMethod({ width: 5 }), resume: true })());
    assertEquals(liveTensors(), before);
  }));

Deno.test("a process whose step fails holds nothing, whether it saves or only takes part", () =>
  inTemporary(async (folder) => {
    for (const rank of [0, 1]) {
      const team: Team = {
        ...{ rank, size: 2, meet: () => TaskEither.right(undefined), agree: (asked) => asked },
        collect: () => new Uint8Array(),
        missing: (thrown) => Promise.reject(thrown),
      };
      const step = () => {
        throw new Error("no step");
      };
      const run = toyRun(join(folder, `${rank}`), { jit: false });
      const before = liveTensors();
      await assertRejects(pretrain({ ...run, team, method: { ...run.method, step } }), Error, "no step");
      assertEquals(liveTensors(), before);
    }
  }));

Deno.test("a loss that is not finite stops the run at its step, and no state after it is saved", () =>
  inTemporary(async (folder) => {
    // Metrics are read every 100 steps only: the checkpoint of step 10 is what finds the loss of step 8.
    const run = { ...toyRun(folder, { logEvery: 100 }), method: toyMethod({ infiniteAt: 7 }) };
    const error = left(await pretrain(run)());
    const checkpoints = join(folder, "checkpoints");
    const lastGood = stepFile(checkpoints, 5);
    assertEquals(error, { _tag: "NonFinite", step: 8, what: "loss", value: "NaN", lastGood });
    assertMatch(renderTrainingError(error), /loss = NaN at step 8\. The last good checkpoint is .*step-00000005/);
    assertEquals(files(checkpoints), ["step-00000000.safetensors", "step-00000005.safetensors"]);
  }));

Deno.test("a state that is not finite is never saved, even after finite losses", () =>
  inTemporary(async (folder) => {
    const run = { ...toyRun(folder), method: toyMethod({ learningRate: Infinity }) };
    // The first step's loss is measured before its update ruins the weights.
    const error = left(await pretrain({ ...run, interrupted: () => true })());
    assertEquals(error._tag === "NonFinite" && [error.step, error.what], [1, "query.params.0.weight"]);
    assertEquals(files(join(folder, "checkpoints")), ["step-00000000.safetensors"]);
  }));

for (const score of [NaN, -Infinity]) {
  Deno.test(`a score of ${score} stops the run before anything of it is stored, and the run goes on from before`, () =>
    inTemporary(async (folder) => {
      const before = liveTensors();
      const scores = [0.5, score];
      const run = toyRun(folder, { evaluateEvery: 1 });
      const error = left(await pretrain({ ...run, evaluate: () => ({ knn: scores.shift()! }) })());
      const lastGood = stepFile(join(folder, "checkpoints"), 5);
      assertEquals(error, { _tag: "NonFinite", step: 10, what: "knn", value: `${score}`, lastGood });
      const evaluated = (await metricsOf(folder)).filter(({ evaluation }) => evaluation !== undefined);
      assertEquals(evaluated.map(({ step }) => step), [5]);
      const { state, best } = right(await pretrain({ ...run, evaluate: () => ({ knn: 0.4 }), resume: true })());
      dispose(state);
      assertEquals([best, liveTensors()], [{ score: 0.5, step: 5 }, before]);
    }));
}

Deno.test("a stray file among the checkpoints is named where no checkpoint is, and hidden ones do not count", () =>
  inTemporary(async (folder) => {
    const may = async (resume: boolean, ...names: readonly string[]) => {
      const own = await Deno.makeTempDir({ dir: folder });
      await Deno.mkdir(join(own, "checkpoints"));
      for (const name of names) await Deno.writeTextFile(join(own, name), "");
      return await mayTrainIn(own, resume)();
    };
    const [step, hidden] = ["checkpoints/step-00000010.safetensors", "checkpoints/.DS_Store"];
    right(await may(true, "config.json", step, hidden));
    right(await may(true, "config.json", step, "checkpoints/step-00000010-good.safetensors"));
    right(await may(false, "config.json", "lock", "checkpoints/.nfs0001"));
    right(await may(false, "config.json", "lock", "checkpoints/best.safetensors"));
    for (const names of [["config.json", "lock"], ["checkpoints/best.safetensors"]]) {
      const refused = left(await may(false, ...names, "checkpoints/notes.txt"));
      assertMatch(renderTrainingError(refused), /an empty folder or a run's, found checkpoints.notes\.txt in it/);
    }
  }));

Deno.test("the last n checkpoints stay, and the best one", () =>
  inTemporary(async (folder) => {
    const scores = [0.5, 0.9, 0.7, 0.8];
    const evaluate = () => ({ knn: scores.shift()!, other: 0 });
    const { state, best } = right(await pretrain({ ...toyRun(folder, { epochs: 4, evaluateEvery: 1 }), evaluate })());
    dispose(state);
    assertEquals(best, { score: 0.9, step: 10 });
    const checkpoints = join(folder, "checkpoints");
    assertEquals(files(checkpoints), [
      "best.safetensors",
      "step-00000015.safetensors",
      "step-00000020.safetensors",
    ]);
    const saved = right(await loadCheckpoint(bestFile(checkpoints))());
    assertEquals([saved.position.step, saved.metrics.knn, saved.best], [10, 0.9, best]);
    assertEquals(
      (await metricsOf(folder)).flatMap(({ step, epoch, evaluation }) =>
        evaluation ? [[step, epoch, evaluation.knn]] : []
      ),
      [[5, 1, 0.5], [10, 2, 0.9], [15, 3, 0.7], [20, 4, 0.8]],
    );
  }));

for (const stopAt of [6, 8, 9]) {
  Deno.test(`evaluation every n steps is logged with its step, beside that of epochs, and resumes exactly (at ${stopAt})`, () =>
    inTemporary(async (folder) => {
      const evaluate = ({ step }: { readonly step: Tensor }) => ({ knn: [0.1, 0.7, 0.4][step.dataSync()[0] % 3] });
      const run = (name: string) => ({
        ...toyRun(join(folder, name), { epochs: 2, evaluateEvery: 1, evaluateSteps: 4 }),
        evaluate,
      });
      const whole = right(await pretrain(run("whole"))());
      const evaluations = (await metricsOf(join(folder, "whole"))).flatMap(({ step, epoch, evaluation }) =>
        evaluation ? [[step, epoch, evaluation.knn]] : []
      );
      assertEquals(evaluations, [[4, 0.8, 0.7], [5, 1, 0.4], [8, 1.6, 0.4], [10, 2, 0.7]]);
      assertEquals(whole.best, { score: 0.7, step: 4 });
      let steps = 0;
      const first = right(await pretrain({ ...run("parts"), interrupted: () => ++steps === stopAt })());
      dispose(first.state);
      const second = right(await pretrain({ ...run("parts"), resume: true })());
      assertEquals(await metricsOf(join(folder, "parts")), await metricsOf(join(folder, "whole")));
      assertEquals(await Deno.readFile(second.checkpoint), await Deno.readFile(whole.checkpoint));
      const best = (name: string) => Deno.readFile(bestFile(join(folder, name, "checkpoints")));
      assertEquals(await best("parts"), await best("whole"));
      dispose(second.state);
      dispose(whole.state);
    }));
}

Deno.test("the best score survives a resume", () =>
  inTemporary(async (folder) => {
    const run = toyRun(folder, { evaluateEvery: 1 });
    let epochs = 0;
    const first = right(
      await pretrain({ ...run, evaluate: () => ({ knn: 0.9 }), interrupted: () => ++epochs === 7 })(),
    );
    dispose(first.state);
    const second = right(await pretrain({ ...run, evaluate: () => ({ knn: 0.8 }), resume: true })());
    dispose(second.state);
    assertEquals(second.best, { score: 0.9, step: 5 });
    assertEquals(right(await loadCheckpoint(bestFile(join(folder, "checkpoints")))()).position.step, 5);
  }));

Deno.test("a checkpoint holds the evaluation of its own state, whether the run was interrupted before or not", () =>
  inTemporary(async (folder) => {
    const run = (name: string) => ({
      ...toyRun(join(folder, name), { evaluateEvery: 2 }),
      evaluate: () => ({ knn: 0.5 }),
    });
    dispose(right(await pretrain(run("whole"))()).state);
    let steps = 0;
    dispose(right(await pretrain({ ...run("parts"), interrupted: () => ++steps === 10 })()).state);
    dispose(right(await pretrain({ ...run("parts"), resume: true })()).state);
    for (const step of [10, 15]) {
      const [whole, parts] = ["whole", "parts"].map((name) => stepFile(join(folder, name, "checkpoints"), step));
      assertEquals(await Deno.readFile(parts), await Deno.readFile(whole));
      assertEquals(right(await loadCheckpoint(whole)()).metrics.knn, 0.5);
    }
  }));

Deno.test("what slow steps measure is shown between two lines of metrics, and a state is saved by time", () =>
  inTemporary(async (folder) => {
    const lines: string[] = [];
    const reporter = { progress: (line: string) => void lines.push(line), note: () => {}, end: () => {} };
    const training = { logEvery: 100, checkpointEvery: 3, checkpointMinutes: 1, keep: 9 };
    let time = 0;
    const steps20Seconds = () => (time += 20_000) < 0;
    const run = { ...toyRun(folder, training), reporter, now: () => time, interrupted: steps20Seconds };
    dispose(right(await pretrain(run)()).state);
    assertEquals(lines.length, 14); // the first step has taken no time yet
    assertEquals((await metricsOf(folder)).map(({ step }) => step), [15]);
    assertEquals(files(join(folder, "checkpoints")), [0, 4, 8, 12, 15].map((step) => basename(stepFile("", step))));
  }));

Deno.test("a checkpoint that states no checksum is not gone on from", () =>
  inTemporary(async (folder) => {
    const run = toyRun(folder, { keep: 1 });
    const { state, checkpoint } = right(await pretrain(run)());
    dispose(state);
    // A character for each byte, which no decoder gives: "latin1" stands for another encoding.
    const text = Array.from(await Deno.readFile(checkpoint), (byte) => String.fromCharCode(byte)).join("");
    const stripped = text.replace("momentum_contrast_sha256", "momentum_contrast_sha255")
      .replace("momentum_contrast_format", "momentum_contrast_farmot");
    await Deno.writeFile(checkpoint, Uint8Array.from(stripped, (character) => character.charCodeAt(0)));
    right(await loadCheckpoint(checkpoint)());
    const error = left(await pretrain({ ...run, resume: true })());
    assertStringIncludes(renderTrainingError(error), "SHA-256: expected one, as every checkpoint of a run states it");
  }));

Deno.test("a program killed between a checkpoint's two names leaves a best one that the resume repairs", () =>
  inTemporary(async (folder) => {
    const run = toyRun(folder, { evaluateEvery: 1, epochs: 1 });
    dispose(right(await pretrain({ ...run, evaluate: () => ({ knn: 0.9 }) })()).state);
    const checkpoints = join(folder, "checkpoints");
    const before = files(checkpoints);
    for (const damage of [() => Deno.removeSync(bestFile(checkpoints)), () => {}]) {
      damage();
      dispose(right(await pretrain({ ...run, resume: true })()).state);
      assertEquals(files(checkpoints), before);
      assertEquals(right(await loadCheckpoint(bestFile(checkpoints))()).position.step, 5);
    }
  }));

Deno.test("a damaged newest checkpoint is passed over with a warning that names it, and nothing else is lost", () =>
  inTemporary(async (folder) => {
    const run = toyRun(folder);
    const first = right(await pretrain(run)());
    const final = bytesOf(first.state);
    dispose(first.state);
    const bytes = await Deno.readFile(first.checkpoint);
    bytes[bytes.length - 3] ^= 4;
    await Deno.writeFile(first.checkpoint, bytes);
    const notes: string[] = [];
    const reporter = { progress: () => {}, note: (text: string) => void notes.push(text), end: () => {} };
    const second = right(await pretrain({ ...run, resume: true, reporter })());
    assertMatch(notes[0], /^Warning: Cannot load .*step-00000015.*: the file is damaged .*SHA-256/);
    assertMatch(notes[1], /^Resuming at step 10 from .*step-00000010/);
    assertEquals(bytesOf(second.state), final);
    dispose(second.state);
    right(await loadCheckpoint(first.checkpoint)());
  }));

Deno.test("a run does not begin over another one, and does not resume without a checkpoint", () =>
  inTemporary(async (folder) => {
    const none = left(await pretrain({ ...toyRun(folder), resume: true })());
    assertEquals(none._tag, "NoCheckpoint");
    dispose(right(await pretrain(toyRun(folder, { epochs: 1 }))()).state);
    const before = files(join(folder, "checkpoints"));
    const error = left(await pretrain(toyRun(folder, { epochs: 1 }))());
    assertEquals(error._tag, "RunExists");
    assertStringIncludes(renderTrainingError(error), "step-00000005.safetensors");
    assertEquals(files(join(folder, "checkpoints")), before);
  }));

Deno.test("a run of another configuration or shape is refused with every difference", () =>
  inTemporary(async (folder) => {
    dispose(right(await pretrain(toyRun(folder, { epochs: 1 }))()).state);
    const other = { ...toyRun(folder, { seed: 8, epochs: 2, logEvery: 1 }), method: toyMethod({ width: 5 }) };
    const error = left(await pretrain({ ...other, resume: true })());
    assertEquals(error._tag === "DifferentState" && error.differences, [
      { path: "training.seed", expected: "8", found: "7" },
      { path: "query.params.0.weight", expected: "F32 [5]", found: "F32 [4]" },
      { path: "queue.keys", expected: "F32 [3,5]", found: "F32 [3,4]" },
    ]);
  }));

Deno.test("other epochs are a note, and a data set of another size is refused", () =>
  inTemporary(async (folder) => {
    dispose(right(await pretrain(toyRun(folder, { epochs: 1 }))()).state);
    const notes: string[] = [];
    const reporter = { progress: () => {}, note: (text: string) => void notes.push(text), end: () => {} };
    const longer = toyRun(folder, { epochs: 2 });
    const { state, position } = right(await pretrain({ ...longer, resume: true, reporter })());
    dispose(state);
    assertEquals(position.step, 10);
    assertStringIncludes(notes[0], "began with training.epochs 1 and goes on with 2");
    const error = left(await pretrain({ ...longer, batches: toyBatches(4), resume: true })());
    assertStringIncludes(renderTrainingError(error), "the data: expected a position in epochs of 4 batches");
  }));

Deno.test("a run may go on with its blocks recomputed, where memory has become short", () =>
  inTemporary(async (folder) => {
    const run = (recompute: boolean) => {
      const toy = toyRun(folder, { epochs: 1 });
      return { ...toy, config: { ...toy.config, encoder: { recompute } } };
    };
    dispose(right(await pretrain(run(false))()).state);
    const notes: string[] = [];
    const reporter = { progress: () => {}, note: (text: string) => void notes.push(text), end: () => {} };
    dispose(right(await pretrain({ ...run(true), resume: true, reporter })()).state);
    assertStringIncludes(notes.join("\n"), "began with encoder.recompute false and goes on with true");
  }));

Deno.test("two programs do not train in one folder", () =>
  inTemporary(async (folder) => {
    const inside: string[] = [];
    const evaluate = async () => {
      inside.push(left(await pretrain(toyRun(folder))())._tag);
      return { knn: 0 };
    };
    dispose(right(await pretrain({ ...toyRun(folder, { epochs: 1, evaluateEvery: 1 }), evaluate })()).state);
    assertEquals(inside, ["RunBusy"]);
  }));

Deno.test("batches that end too early are a fault of the program", () =>
  inTemporary(async (folder) => {
    const batches = { ...toyBatches(4), perEpoch: 5 };
    await assertRejects(() => pretrain({ ...toyRun(folder), batches })(), RangeError, "expected 5 batches in epoch 0");
  }));

Deno.test("the progress line shows loss against chance at each line of metrics", () =>
  inTemporary(async (folder) => {
    const lines: string[] = [];
    const reporter = { progress: (line: string) => void lines.push(line), note: () => {}, end: () => {} };
    let time = 0;
    const aSecondLater = () => (time += 1000) < 0;
    const run = { ...toyRun(folder), reporter, now: () => time, interrupted: aSecondLater };
    dispose(right(await pretrain(run)()).state);
    assertEquals(lines.length, 8); // steps 2, 4, ..., 14 and the last one
    assertMatch(
      lines[0],
      /^epoch 1\/3 {2}step 2\/15 {2}2\.0 images\/s {2}13 s left {2}loss \d\.\d{3} \(chance 1\.00\) {2}contrast/,
    );
    assert(lines.every((line) => line.includes("images/s")));
  }));

Deno.test("who asks to stop at the last step gets a finished run", () =>
  inTemporary(async (folder) => {
    let steps = 0;
    const run = { ...toyRun(folder, { epochs: 1 }), interrupted: () => ++steps >= 5 };
    const ended = right(await pretrain(run)());
    dispose(ended.state);
    assertEquals([ended._tag, ended.position.step], ["Finished", 5]);
  }));

Deno.test("a disk that is full names the file, its cause and the last good checkpoint, and nothing is held", () =>
  inTemporary(async (folder) => {
    const before = liveTensors();
    const open = (path: string) =>
      path.includes("step-00000010")
        ? Promise.reject(Object.assign(new Error("os error"), { code: "ENOSPC" }))
        : Deno.open(path, { write: true, create: true, truncate: true });
    const error = left(await pretrain({ ...toyRun(folder), open })());
    const checkpoints = join(folder, "checkpoints");
    assertEquals(error, {
      _tag: "Unsaved",
      path: stepFile(checkpoints, 10),
      reason: "no space left on the device",
      lastGood: stepFile(checkpoints, 5),
    });
    assertEquals(liveTensors(), before);
  }));

Deno.test("what an evaluation throws is passed on, and of what was measured nothing is held", () =>
  inTemporary(async (folder) => {
    const before = liveTensors();
    const held: Tree[] = [];
    const evaluate = (state: Tree) => {
      held.push(state);
      throw new TypeError("a fault");
    };
    const run = { ...toyRun(folder, { evaluateEvery: 1, logEvery: 100 }), evaluate };
    await assertRejects(() => pretrain(run)(), TypeError, "a fault");
    held.forEach(dispose);
    assertEquals(liveTensors(), before);
  }));
