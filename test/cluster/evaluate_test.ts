/**
 * Workers that evaluate together, by the real program.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { makeData } from "../cli/files.ts";
import { inFolder, succeeds, taskArguments } from "../cli/program.ts";
import { freeAddresses } from "./processes.ts";

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
    // A worker that would be asked for features of other images than the first one is refused.
    const other = `${folder}/other`;
    await Deno.mkdir(other);
    for await (const { name } of Deno.readDir(data)) {
      await Deno.writeFile(
        `${other}/${name}`,
        (await Deno.readFile(`${data}/${name}`)).map((byte, place) =>
          name.startsWith("t10k-images") && place > 16 ? byte + 1 : byte
        ),
      );
    }
    const addresses = freeAddresses(2);
    const outputs = await Promise.all([data, other].map((path, index) =>
      new Deno.Command(Deno.execPath(), {
        args: [...taskArguments, "pretrain", "--config", file, "--out", `${folder}/refused`, "--path", path],
        cwd: new URL("../../", import.meta.url),
        env: { TF_CONFIG: JSON.stringify({ cluster: { worker: addresses }, task: { type: "worker", index } }) },
      }).output()
    ));
    for (const { stderr } of outputs) assertMatch(new TextDecoder().decode(stderr), /evaluatedOn\.digest: worker 0 at/);

    const one = await measured();
    assertEquals(await measured("--workers", "2"), one);
    assert(one.results[0].linear.top1 > 0.5);
  }));
