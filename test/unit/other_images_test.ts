import { assertEquals, assertStringIncludes } from "@std/assert";
import { whyNotOtherImages } from "../../src/train/other_images.ts";
import { dispose } from "../../src/core/scope.ts";
import { loadLatest } from "../../src/checkpoint/folder.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import { left, right } from "../support/either.ts";
import { toyBatches, toyRun } from "../support/toy_run.ts";

const batches = { perEpoch: 5 };

Deno.test("a run can go on with other images at its beginning and between two epochs of as many batches", () => {
  assertEquals(whyNotOtherImages({ batches }, { epoch: 2, batch: 0, step: 10 }), undefined);
  assertEquals(whyNotOtherImages({ batches, remembersImages: true }, { epoch: 0, batch: 0, step: 0 }), undefined);
});

Deno.test("a run cannot go on with other images within an epoch, with other epochs, or with a state of rows for images", () => {
  const why = (epoch: number, batch: number, step: number, remembersImages?: boolean) =>
    whyNotOtherImages({ batches, remembersImages }, { epoch, batch, step }) ?? "";
  assertStringIncludes(why(2, 3, 13), "after batch 3 of epoch 3. The order of an epoch");
  assertStringIncludes(why(2, 0, 12), "now end after batch 5, so step 12 would no longer be the end of epoch 2");
  assertStringIncludes(why(2, 0, 10, true), "The state remembers");
});

Deno.test("a run without a digest resumes in silence, and one with it is refused or told", async () => {
  const folder = await Deno.makeTempDir();
  const notes: string[] = [];
  const reporter = { progress: () => {}, note: (text: string) => void notes.push(text), end: () => {} };
  const run = (epochs: number) => ({ ...toyRun(folder, { epochs }), reporter });
  const before = { images: 10, digest: "before" };
  const now = { images: 11, digest: "now" };
  try {
    dispose(right(await pretrain(run(1))()).state);
    assertEquals(right(await loadLatest(folder)()).checkpoint.data, undefined);
    let asked = 0;
    const stopped = { ...run(3), data: before, resume: true, interrupted: () => ++asked === 7 };
    dispose(right(await pretrain(stopped)()).state);
    assertEquals(right(await loadLatest(folder)()).checkpoint.data, before);
    assertEquals(notes.filter((note) => note.includes("images")), []);

    const refused = left(await pretrain({ ...run(3), data: now, resume: true })());
    assertEquals(refused._tag === "DifferentData" && refused.found, "11 images where there were 10");
    dispose(right(await pretrain({ ...run(3), data: before, resume: true })()).state);
    const longer = left(await pretrain({ ...run(4), data: now, resume: true, batches: toyBatches(6) })());
    assertEquals(longer._tag, "DifferentData");
    dispose(right(await pretrain({ ...run(4), data: now, resume: true })()).state);
    assertStringIncludes(notes.join("\n"), "goes on with other images: 11 images where there were 10");
    assertEquals(right(await loadLatest(folder)()).checkpoint.data, now);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
