/**
 * An experiment by the real program, on images made here.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { makeData } from "./files.ts";
import { inFolder, moco } from "./program.ts";

Deno.test("an experiment trains and measures its cells once, and leaves table, figures and page", () =>
  inFolder(async (folder) => {
    const data = await makeData(folder);
    const out = `${folder}/out`;
    const asked = [
      ...["frozen-patch", "--scale", "smoke", "--data", "idx", "--path", data, "--epochs", "1", "--out", out],
      ...["--encoder-channels", "24", "--size", "24", "--patch-stem", "conv"], // the cells are about the last one
    ];
    const half = await moco("experiment", ...asked, "--only", "patch projection=learned");
    assertEquals(half.code, 0, half.stderr);
    assertStringIncludes(half.stdout, "\n1 of 2 cells are still to be run.\n");
    assertStringIncludes(await Deno.readTextFile(`${out}/results.md`), "\n1 of 2 cells are still to be run.\n");
    const { missing } = JSON.parse(await Deno.readTextFile(`${out}/results.json`));
    assertEquals(missing, ["patch projection frozen, seed 0"]);

    const first = await moco("experiment", ...asked);
    assertEquals(first.code, 0, first.stderr);
    assert(!first.stdout.includes("still to be run"), first.stdout);
    assertStringIncludes(first.stderr, "Cell 2/2: patch projection frozen, seed 0");
    assertStringIncludes(first.stdout, "| patch projection | kNN ");

    const made = [...Deno.readDirSync(join(out, "cells"))].map(({ name }) =>
      JSON.parse(Deno.readTextFileSync(join(out, "cells", name, "config.json")))
    );
    assertEquals(made.map(({ encoder, augment }) => [encoder.channels, augment.size, encoder.patchStem]).sort(), [
      [24, 24, "frozen"],
      [24, 24, "learned"],
    ]);

    const { rows, command, cells } = JSON.parse(await Deno.readTextFile(`${out}/results.json`));
    assertEquals(rows.map(({ labels }: { labels: unknown }) => labels), [
      { "patch projection": "learned" },
      { "patch projection": "frozen" },
    ]);
    assert(rows.every(({ values }: { values: { knn: { mean: number } } }) => values.knn.mean > 0));
    assertStringIncludes(command, "deno task moco experiment frozen-patch --scale smoke --data idx");
    assertEquals(cells.length, 2);
    assert(cells.every(({ made }: { made: { date: string } }) => Date.parse(made.date) > 0));
    const figures = [...Deno.readDirSync(join(out, "figures"))].map(({ name }) => name).sort();
    assertEquals(figures.filter((name) => name.endsWith(".png")).length, 5);
    assert(figures.includes("the-paper.png"));
    assertStringIncludes(
      await Deno.readTextFile(join(out, "figures", "first-trained-layer.svg")),
      "patch projection learned",
    );
    assertStringIncludes(await Deno.readTextFile(`${out}/report.html`), "arXiv:2104.02057");

    // A log that was removed draws no curve, and costs no result.
    const [{ name: cell }] = [...Deno.readDirSync(join(out, "cells"))];
    await Deno.remove(join(out, "cells", cell, "metrics.jsonl"));
    const second = await moco("experiment", ...asked);
    assertStringIncludes(second.stderr, "2 of 2 cells are there already");
    assert(!second.stderr.includes("Cell "), second.stderr);
    assertEquals(second.stdout, first.stdout);
  }));

Deno.test("cells whose loss is not finite are reported as diverged", () =>
  inFolder(async (folder) => {
    const data = await makeData(folder);
    const asked = ["--scale", "smoke", "--data", "idx", "--path", data, "--epochs", "2", "--learning-rate", "1e30"];
    const said = await moco("experiment", "frozen-patch", ...asked, "--out", `${folder}/out`);
    assertEquals(said.code, 0, said.stderr);
    assertStringIncludes(said.stderr, "patch projection learned, seed 0 failed: Cannot go on: expected finite numbers");
    assertEquals(said.stdout.match(/\| diverged \| diverged \| 0, 1 diverged \|/g)?.length, 2);
  }));

Deno.test("an experiment or a scale that is not there is refused with what is meant", async () => {
  const none = await moco("experiment", "momentun");
  assertEquals([none.code, none.stdout], [2, ""]);
  assertStringIncludes(none.stderr, `found "momentun" (did you mean "momentum"?)`);
  const scale = await moco("experiment", "momentum", "--scale", "huge");
  assertEquals([scale.code, scale.stderr], [
    2,
    'error: Cannot use --scale: expected one of smoke, laptop, cifar, paper, found "huge"\n',
  ]);
});
