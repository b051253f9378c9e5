/**
 * Workers that embed together, by the real program.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { type Ended, ended } from "../cli/small_run.ts";
import { inFolder, succeeds, taskArguments } from "../cli/program.ts";
import { imagesIn, opened, until } from "../support/collections.ts";
import { right } from "../support/either.ts";
import { photoFolder, writePhoto } from "../support/photo_folder.ts";
import { storeEncoder } from "../support/stored_encoder.ts";
import { freeAddresses, oneThread } from "./processes.ts";

/** Runs a test in a folder with so many photographs. */
function withPhotos(count: number, body: (folder: string, photos: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const photos = join(folder, "photos");
    await photoFolder(photos, count / 2);
    await body(folder, photos);
  });
}

Deno.test("the collection of 2 and of 4 workers has the bytes of that of one process, for every checkpoint", () =>
  withPhotos(58, async (folder, photos) => {
    const run = join(folder, "run");
    await Deno.mkdir(join(run, "checkpoints"), { recursive: true });
    for (const seed of [0, 7]) {
      await storeEncoder(join(run, "checkpoints", `step-0000000${seed}.safetensors`), { seed });
    }
    const file = (workers: number) => join(folder, `${workers}.moco`);
    const embed = (workers: number, batch: number) =>
      succeeds(
        ...["embed", photos, "--run", run, "--every-checkpoint", "--to", file(workers), "--batch", String(batch)],
        ...workers === 1 ? [] : ["--workers", String(workers)],
      );
    const assertSame = async (workers: number) => {
      const [expected, found] = [await Deno.readFile(file(1)), await Deno.readFile(file(workers))];
      assert(expected.length === found.length && expected.every((byte, place) => byte === found[place]));
    };
    // The last digits of a vector can depend on its place in a batch of 26. The fourth worker has none of the three.
    for (const workers of [1, 2, 4]) {
      assertMatch(await embed(workers, 26), /^(\S+: 58 images, .*\n58 images embedded\n){2}$/);
    }
    await assertSame(2);
    await assertSame(4);
    // Some more, of which two of the first worker's cannot be used: the others are embedded before its next ones.
    for (let number = 3; number < 30; number++) await writePhoto(join(photos, "ant", `${number}.png`), 100 + number);
    for (const name of ["0", "00"]) await Deno.writeTextFile(join(photos, "ant", `${name}.png`), "no image");
    for (const workers of [1, 2]) {
      assertMatch(await embed(workers, 8), /^(\S+: 85 images, .*\n27 images embedded, 2 left out\n){2}$/);
    }
    await assertSame(2);
  }));

/** Seconds within which a worker that does not come is missed. */
const timeout = 10;

Deno.test("whatever ends the workers costs the batches under way, and the same command goes on, by one process too", () =>
  withPhotos(300, async (folder, photos) => {
    const [run, to, whole] = ["a.safetensors", "c.moco", "whole.moco"].map((name) => join(folder, name));
    await storeEncoder(run);
    const args = ["embed", photos, "--checkpoint", run, "--batch", "1", "--timeout", String(timeout)];
    for (const [rank, signal] of [[1, "SIGKILL"], [0, "SIGSTOP"]] as const) {
      const { ends, address } = await disturbed([...args, "--to", to], to, rank, signal);
      const { code, text } = ends[1 - rank];
      assertEquals(code, 75, text);
      assertStringIncludes(text, `worker ${rank} at ${address} no longer answers.`);
    }
    const { ends: [first, second] } = await disturbed([...args, "--to", to], to, 1, "SIGTERM");
    assertEquals([first.code >= 128, second.code], [true, 143], first.text + second.text);
    const left = 300 - await imagesIn(to);
    assert(left > 0);
    assertStringIncludes(first.text, `Stopped with ${left} images to embed. Go on with the same command.`);
    assertStringIncludes(await succeeds(...args, "--to", to), `${left} images embedded`);
    await succeeds(...args, "--to", whole);
    const [disturbedOnes, undisturbed] = [await opened(to), await opened(whole)];
    assertEquals(right(disturbedOnes.images()), right(undisturbed.images()));
    assertEquals(right(disturbedOnes.vectors()), right(undisturbed.vectors()));
    disturbedOnes.close();
    undisturbed.close();
  }));

/** Embeds by two workers until some more images are there, and then gives one of them a signal. */
async function disturbed(
  args: readonly string[],
  to: string,
  rank: number,
  signal: Deno.Signal,
): Promise<{ readonly ends: readonly Ended[]; readonly address: string }> {
  const worker = freeAddresses(2);
  const children = worker.map((_, index) =>
    new Deno.Command(Deno.execPath(), {
      args: [...taskArguments, ...args],
      cwd: new URL("../../", import.meta.url),
      env: { ...oneThread, TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: "worker", index } }) },
      stdout: "piped",
      stderr: "piped",
    }).spawn()
  );
  const ends = children.map(ended);
  await until(to, await imagesIn(to) + 10);
  children[rank].kill(signal);
  const since = performance.now();
  await ends[1 - rank];
  assert(performance.now() - since < 1000 * timeout, "it took longer than the timeout");
  if (signal === "SIGSTOP") children[rank].kill("SIGKILL");
  return { ends: await Promise.all(ends), address: worker[rank] };
}
