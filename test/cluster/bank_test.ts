/**
 * A memory bank that workers share, by the real program.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { makeData, tensorsIn } from "../cli/files.ts";
import { inFolder, succeeds } from "../cli/program.ts";
import { assertClose } from "../support/close.ts";
import { copy } from "../support/copy.ts";

Deno.test("workers that share a memory bank save it whole, and any number of them goes on from it", () =>
  inFolder(async (folder) => {
    const [file, data, run] = [`${folder}/c.json`, await makeData(folder), `${folder}/run`];
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        ...{ data: { name: "idx", path: data, limit: 39 }, augment: { size: 8 }, encoder: { width: 0.0625 } },
        method: { name: "memory-bank", negatives: 20, groups: 4, dimension: 8 },
        training: { batch: 16, epochs: 1, seed: 5, jit: false, logEvery: 1 },
      }),
    );
    const bankIn = async (out: string, step: number) => {
      const tensors = await tensorsIn(`${out}/checkpoints/step-${String(step).padStart(8, "0")}.safetensors`);
      return { keys: [...new Float32Array(tensors["bank.keys"].slice().buffer)], seen: [...tensors["bank.seen"]] };
    };
    await succeeds("pretrain", "--config", file, "--out", run, "--workers", "2");
    const { keys, seen } = await bankIn(run, 2);
    assertEquals([keys.length, seen.length], [39 * 8, 39]);
    seen.forEach((each, image) =>
      assertEquals(keys.slice(8 * image, 8 * image + 8).some((key) => key !== 0), each === 1)
    );
    assertEquals(seen.filter((each) => each === 1).length, 32); // 2 batches

    const other = `${folder}/other`;
    await copy(run, other);
    await succeeds("pretrain", "--resume", "--out", run, "--epochs", "2");
    await succeeds("pretrain", "--resume", "--out", other, "--epochs", "2", "--workers", "4");
    const [one, four] = [await bankIn(run, 4), await bankIn(other, 4)];
    assert(one.keys.some((key, place) => key !== keys[place]));
    assertEquals(four.seen, one.seen);
    // Sums in another order, which batch norm of 4 samples amplifies; a key of another image is farther by 0.1.
    assertClose(four.keys, one.keys, { relative: 0, absolute: 2e-3 }, "keys");
  }));
