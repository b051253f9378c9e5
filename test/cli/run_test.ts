/**
 * The whole way by the real program: pretrain, resume, evaluate, augment, on images made here.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { makeData, tensorsIn } from "./files.ts";
import { inFolder, moco, succeeds } from "./program.ts";

const tiny = [
  ...["--data", "idx", "--size", "8", "--width", "0.125", "--dimension", "8", "--batch", "8", "--queue", "16"],
  ...["--groups", "2", "--log-every", "1", "--evaluate-every", "1", "--no-jit"], // a few steps do not repay compiling
];

Deno.test("pretrain, resume for another epoch, evaluate with baselines, inspect", () =>
  inFolder(async (folder) => {
    const data = await makeData(folder);
    const run = `${folder}/run`;
    const said = await moco("pretrain", ...tiny, "--path", data, "--epochs", "1", "--out", run);
    assertEquals(said.code, 0, said.stderr);
    assertStringIncludes(said.stdout, "Finished: ");
    assertStringIncludes(said.stdout, "knn: ");
    assertStringIncludes(said.stderr, "resnet18, width 0.125"); // the summary of the configuration
    assertEquals(JSON.parse(await Deno.readTextFile(`${run}/config.json`)).training.batch, 8);

    // --resume takes the run's own configuration; a flag overrides it.
    await succeeds("pretrain", "--resume", "--epochs", "2", "--out", run);
    const records = parseMetrics(await Deno.readTextFile(`${run}/metrics.jsonl`));
    assertEquals(records.filter(({ metrics }) => metrics).map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assertEquals(records.filter(({ evaluation }) => evaluation).map(({ epoch }) => epoch), [1, 2]);

    const evaluated = await moco("evaluate", "--run", run, "--baselines", "--json", "--linear-epochs", "5");
    assertEquals(evaluated.code, 0, evaluated.stderr);
    const { checkpoint, position, results, data: about } = JSON.parse(evaluated.stdout);
    assertStringIncludes(checkpoint, "step-00000010");
    assertEquals([position.step, about.train, about.test], [10, 40, 20]);
    assertEquals(results.map((result: { features: string }) => result.features), [
      "MoCo v2",
      "Random initialisation",
      "Raw pixels",
    ]);
    assertEquals(results.map((result: { dimension: number }) => result.dimension), [64, 64, 64]);
    assertEquals(results[2].knn.top1, 1, "pixels tell the classes apart");
    assertEquals(results[2].linear.top1, 1);

    const text = await succeeds("evaluate", "--run", run, "--no-linear", "--k", "5", "--classes");
    assertStringIncludes(text, "features  dimensions  kNN top-1");
    assert(!text.includes("linear"), text);

    const tooSmall = await moco("evaluate", "--run", run, "--evaluation-size", "3");
    assertEquals(tooSmall.code, 2);
    assertStringIncludes(tooSmall.stderr, "augment.evaluationSize");

    const inspected = JSON.parse(await succeeds("inspect", run, "--json"));
    assertEquals(inspected.metadata.position, { epoch: 2, batch: 0, step: 10 });
    assertEquals(inspected.metadata.config.encoder.width, 0.125);
  }));

Deno.test("flags and a file that say the same train to the same bytes", () =>
  inFolder(async (folder) => {
    const data = await makeData(folder);
    await Deno.writeTextFile(
      `${folder}/c.json`,
      JSON.stringify({
        method: { queue: 16, groups: 2, dimension: 8 },
        encoder: { width: 0.125 },
        augment: { size: 8 },
        data: { name: "idx", path: data },
        training: { batch: 8, epochs: 1, logEvery: 1, evaluateEvery: 1, jit: false },
      }),
    );
    await succeeds("pretrain", ...tiny, "--path", data, "--epochs", "1", "--out", `${folder}/flags`);
    await succeeds("pretrain", "--config", `${folder}/c.json`, "--out", `${folder}/file`);
    const final = (run: string) => tensorsIn(`${folder}/${run}/checkpoints/step-00000005.safetensors`);
    assertEquals(await final("file"), await final("flags"));
  }));

Deno.test("evaluate refuses two checkpoints, none, and a run without any, in one message", () =>
  inFolder(async (folder) => {
    const none = await moco("evaluate");
    const expected = "error: Cannot go on: expected one of --run, --checkpoint, --weights, found";
    assertEquals([none.code, none.stderr], [2, `${expected} none. See --help.\n`]);
    const two = await moco("evaluate", "--run", folder, "--checkpoint", "other.safetensors");
    assertEquals([two.code, two.stderr], [2, `${expected} --run, --checkpoint. See --help.\n`]);
    const empty = await moco("evaluate", "--run", folder);
    assertEquals(empty.code, 1);
    assertStringIncludes(empty.stderr, `Cannot find a checkpoint in ${folder}`);
  }));

Deno.test("augment writes a PNG of the size that its rows and views make", () =>
  inFolder(async (folder) => {
    const data = await makeData(folder);
    const out = `${folder}/sheet.png`;
    const sheet = ["--images", "3", "--views", "2", "--zoom", "2", "--out", out];
    assertEquals(await succeeds("augment", "--data", "idx", "--path", data, "--size", "10", ...sheet), `${out}\n`);
    const png = await Deno.readFile(out);
    assertEquals([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
    const header = new DataView(png.buffer, 16);
    const side = (pictures: number) => pictures * (10 * 2 + 4) + 4;
    assertEquals([header.getUint32(0), header.getUint32(4)], [side(3), side(3)]);
  }));

Deno.test("demo trains, measures beside the baselines, and writes the summary and the report where it says", () =>
  inFolder(async (folder) => {
    const data = await makeData(folder);
    const out = `${folder}/demo`;
    const said = await succeeds("demo", ...tiny, "--path", data, "--minutes", "0.001", "--out", out);
    for (const part of ["MoCo v2", "Random initialisation", "Raw pixels", "linear top-1"]) {
      assertStringIncludes(said, part);
    }
    assertStringIncludes(said, `Summary: ${out}/summary.json\nReport:  ${out}/report.html`);
    const summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    assertEquals(summary.method, "MoCo v2, ResNet-18 at width 0.125");
    assertEquals([summary.data.train, summary.data.test, summary.data.shape], [40, 20, [8, 8, 1]]);
    assertEquals([summary.training.epochs, summary.training.steps, summary.results.length], [1, 5, 3]);
    const report = await Deno.readTextFile(`${out}/report.html`);
    for (const part of ["<!doctype html>", "MoCo v2", "<svg", "data:image/png"]) assertStringIncludes(report, part);

    // A folder that is used already is refused before any image is looked at.
    const again = await moco("demo", ...tiny, "--path", `${folder}/absent`, "--out", out);
    assertEquals([again.code, again.stdout], [1, ""]);
    assertStringIncludes(again.stderr, `error: Cannot begin a run in ${out}: expected no checkpoints, found `);
  }));

Deno.test("data that are not there, and fewer images than a batch, are one clear message", () =>
  inFolder(async (folder) => {
    const absent = await moco("pretrain", ...tiny, "--path", `${folder}/absent`, "--out", `${folder}/run`);
    assertEquals([absent.code, absent.stdout], [1, ""]);
    assertStringIncludes(absent.stderr, `error: Cannot read ${folder}/absent`);
    assert(!absent.stderr.includes("    at "), absent.stderr);
    const data = await makeData(folder);
    const few = await moco("pretrain", ...tiny, "--path", data, "--limit", "4", "--out", `${folder}/run`);
    assertEquals(few.code, 1);
    assertStringIncludes(few.stderr, "expected at least one batch of 8 images, found 4 images");
  }));
