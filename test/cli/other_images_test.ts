/**
 * What a run does that is resumed with other images than it was trained on, by the real program.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { right } from "../support/either.ts";
import { png } from "../support/image_files.ts";
import { inFolder, moco, type Ran, succeeds } from "./program.ts";

/** Batches of an epoch: of 13 images, and of 12 and 14 as well. */
const perEpoch = 3;

/** A PNG of noise. */
const image = (seed: number) => png(Array.from({ length: 300 }, (_, i) => (i * i * (seed + 3)) % 251), 10, 10);

/** A folder of images, and a run on them of two epochs that saves after every step; `method` is said by flags. */
async function trained(
  folder: string,
  ...method: readonly string[]
): Promise<{ readonly images: string; readonly run: string }> {
  const [images, run] = [`${folder}/images`, `${folder}/run`];
  await Deno.mkdir(images);
  for (let i = 0; i < 13; i++) await Deno.writeFile(`${images}/${i}.png`, image(i));
  await succeeds(
    ...["pretrain", "--preset", "photos", "--path", images, "--out", run, "--size", "8", "--width", "0.0625"],
    ...["--batch", "4", "--groups", "2", "--epochs", "2", "--no-jit", ...method],
    ...["--checkpoint-minutes", "0.000001", "--keep", "9"],
  );
  return { images, run };
}

/** Makes a step the last one that a run saved. */
async function goBack(run: string, step: number): Promise<void> {
  for (let later = step + 1; later <= 2 * perEpoch; later++) {
    await Deno.remove(stepFile(`${run}/checkpoints`, later));
  }
}

/** Text as one line, whatever was broken to fit the terminal. */
const words = ({ stdout, stderr }: Ran) => `${stdout} ${stderr}`.replaceAll(/\s+/g, " ");

Deno.test("other images: a run goes on at the end of an epoch and says so, and is refused within one", () =>
  inFolder(async (folder) => {
    const { images, run } = await trained(folder, "--queue", "16");
    const resume = (path = images, ...others: readonly string[]) =>
      moco("pretrain", "--resume", "--out", run, "--path", path, ...others);

    // Finished and extended, with an image less.
    await Deno.rename(`${images}/12.png`, `${folder}/12.png`);
    const extended = await resume(images, "--epochs", "3");
    assertEquals(extended.code, 0, words(extended));
    assertStringIncludes(words(extended), "Note: the run goes on with other images: 12 images where there were 13");
    await Deno.rename(`${folder}/12.png`, `${images}/12.png`);
    for (let step = 2 * perEpoch + 1; step <= 3 * perEpoch; step++) {
      await Deno.remove(stepFile(`${run}/checkpoints`, step));
    }

    // Within an epoch, with an image less.
    await goBack(run, perEpoch + 1);
    const last = stepFile(`${run}/checkpoints`, perEpoch + 1);
    await Deno.rename(`${images}/12.png`, `${folder}/12.png`);
    const less = await resume();
    assertEquals(less.code, 1, words(less));
    assertStringIncludes(
      words(less),
      `Cannot resume ${last}: expected the images that the run was trained on, found 12 images where there were 13. ` +
        "The checkpoint stands after batch 1 of epoch 2.",
    );

    // Within an epoch, with as many other images in another folder.
    await Deno.rename(`${folder}/12.png`, `${images}/another.png`);
    const others = await resume();
    assertEquals(others.code, 1, words(others));
    assertStringIncludes(words(others), "found as many images as before (13), but of other names, sizes or contents");
    await Deno.rename(`${images}/another.png`, `${images}/12.png`);

    // With so many more that an epoch has another number of batches, at the end of an epoch.
    await Deno.remove(last);
    for (let i = 13; i < 16; i++) await Deno.writeFile(`${images}/${i}.png`, image(i));
    const more = await resume();
    assertEquals(more.code, 1, words(more));
    assertStringIncludes(words(more), "found 16 images where there were 13. An epoch would now end after batch 4");
    for (let i = 13; i < 16; i++) await Deno.remove(`${images}/${i}.png`);

    // The same images in a folder that was moved.
    await Deno.rename(images, `${folder}/moved`);
    const moved = await resume(`${folder}/moved`);
    assertEquals([moved.code, words(moved).includes("other images")], [0, false], words(moved));
    assertEquals(right(await loadCheckpoint(stepFile(`${run}/checkpoints`, 2 * perEpoch))()).data?.images, 13);
  }));

Deno.test("other images: a memory bank, which has a row for each image, is not gone on with", () =>
  inFolder(async (folder) => {
    const { images, run } = await trained(folder, "--method", "memory-bank", "--negatives", "8");
    await Deno.rename(`${images}/12.png`, `${images}/another.png`);
    const resumed = await moco("pretrain", "--resume", "--out", run, "--path", images, "--epochs", "3");
    assertEquals(resumed.code, 1, words(resumed));
    assertStringIncludes(words(resumed), "The state remembers something of every image by its place in the list");
  }));
