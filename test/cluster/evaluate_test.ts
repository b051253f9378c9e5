/**
 * Workers that evaluate together, by the real program.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { makeData } from "../cli/files.ts";
import { inFolder, succeeds } from "../cli/program.ts";

Deno.test("workers that share the images come to the scores of one process, while they train and afterwards", () =>
  inFolder(async (folder) => {
    const [file, data] = [`${folder}/c.json`, await makeData(folder)];
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        ...{ data: { name: "idx", path: data }, augment: { size: 8 }, encoder: { width: 0.0625 } },
        method: { queue: 16, groups: 2, dimension: 8 },
        training: { batch: 8, epochs: 2, seed: 5, jit: false, logEvery: 1, evaluateEvery: 1 },
      }),
    );
    const [alone, together] = [`${folder}/alone`, `${folder}/together`];
    await succeeds("pretrain", "--config", file, "--out", alone);
    await succeeds("pretrain", "--config", file, "--out", together, "--workers", "2");
    const scores = async (run: string) =>
      parseMetrics(await Deno.readTextFile(`${run}/metrics.jsonl`)).flatMap(({ evaluation }) =>
        evaluation === undefined ? [] : [evaluation]
      );
    assertEquals((await scores(together)).length, 2);
    assertEquals(await scores(together), await scores(alone));

    const measured = (...args: readonly string[]) =>
      succeeds("evaluate", "--run", together, "--json", "--linear-epochs", "5", ...args).then(JSON.parse);
    const one = await measured();
    assertEquals(await measured("--workers", "2"), one);
    assert(one.results[0].linear.top1 > 0.5);
  }));
