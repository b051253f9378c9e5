/**
 * A run that an older version began. `test/fixtures/run_0.1` is the folder of a MoCo v3 run by version 0.1.0 after 2 of
 * its 4 steps, with the metrics of all 4; there the buffers of a network were still called `stats`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { assertClose } from "../support/close.ts";
import { makeData, tensorsIn } from "./files.ts";
import { inFolder, succeeds } from "./program.ts";

const fixture = new URL("../fixtures/run_0.1/", import.meta.url);

/** A copy of the old run in `folder`, beside the images that it was trained on. */
async function oldRun(folder: string): Promise<{ readonly run: string; readonly data: string }> {
  const run = `${folder}/run`;
  await Deno.mkdir(`${run}/checkpoints`, { recursive: true });
  for (const file of ["config.json", "metrics.jsonl", "checkpoints/step-00000002.safetensors"]) {
    await Deno.copyFile(new URL(file, fixture), `${run}/${file}`);
  }
  return { run, data: await makeData(folder) };
}

Deno.test("a run of version 0.1 resumes, and comes to the losses that version 0.1 came to", () =>
  inFolder(async (folder) => {
    const { run, data } = await oldRun(folder);
    const losses = async () =>
      parseMetrics(await Deno.readTextFile(`${run}/metrics.jsonl`)).map(({ metrics }) => metrics!.loss);
    const expected = await losses();
    await succeeds("pretrain", "--resume", "--out", run, "--path", data);
    assertClose(await losses(), expected, "gradient");

    const [before, after] = [2, 4].map((step) => tensorsIn(`${run}/checkpoints/step-0000000${step}.safetensors`));
    const names = Object.keys(await before);
    assert(names.includes("predictor.stats.1.running_mean"));
    assertEquals(Object.keys(await after), names.map((name) => name.replace(".stats.", ".buffers.")));
  }));

Deno.test("a run of version 0.1 is evaluated", () =>
  inFolder(async (folder) => {
    const { run, data } = await oldRun(folder);
    const { results } = JSON.parse(await succeeds("evaluate", "--run", run, "--path", data, "--no-linear", "--json"));
    assertEquals(results.map(({ dimension }: { dimension: number }) => dimension), [12]);
  }));
