/**
 * Relative paths count from the shell's folder, and what is stored and said holds absolute ones.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadLatest } from "../../src/checkpoint/folder.ts";
import { right } from "../support/either.ts";
import { makeData } from "./files.ts";
import { inFolder, mocoFrom } from "./program.ts";

const tiny = [
  ...["--data", "idx", "--size", "8", "--width", "0.0625", "--dimension", "8", "--batch", "8", "--queue", "16"],
  ...["--groups", "2", "--epochs", "1", "--evaluate-every", "0", "--no-jit"],
];

Deno.test("a run that was trained with a relative path is evaluated and resumed from other folders", () =>
  inFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    const data = await makeData(home);
    await Deno.mkdir(`${home}/other/deeper`, { recursive: true });
    const trained = await mocoFrom(home, "pretrain", ...tiny, "--path", "data", "--out", "run");
    assertEquals(trained.code, 0, trained.stderr);
    assertStringIncludes(trained.stdout, `Finished: ${home}/run/checkpoints/step-00000005.safetensors`);
    assertStringIncludes(trained.stdout, `evaluate --run ${home}/run\n`);
    assertEquals(JSON.parse(await Deno.readTextFile(`${home}/run/config.json`)).data.path, data);
    const { config } = right(await loadLatest(`${home}/run`)()).checkpoint;
    assertEquals((config as { data: { path: string } }).data.path, data);

    const evaluated = await mocoFrom(`${home}/other`, "evaluate", "--run", "../run", "--no-linear", "--json");
    assertEquals(evaluated.code, 0, evaluated.stderr);
    assertEquals(JSON.parse(evaluated.stdout).data.train, 40);
    const resumed = await mocoFrom(
      `${home}/other/deeper`,
      ...["pretrain", "--resume", "--epochs", "2", "--out", "../../run"],
    );
    assertEquals(resumed.code, 0, resumed.stderr);
    assertStringIncludes(resumed.stdout, `${home}/run/checkpoints/step-00000010.safetensors`);

    const absent = await mocoFrom(`${home}/other`, "pretrain", ...tiny, "--path", "nothing", "--out", "run");
    assertStringIncludes(absent.stderr, `error: Cannot read ${home}/other/nothing`);
  }));
