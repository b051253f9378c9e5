/**
 * A training on a folder that is interrupted in the middle of an epoch and goes on with other numbers of threads, by
 * the real program.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { png } from "../support/image_files.ts";
import { at, checkpoints, config, type Ended, ended, finalFile, perEpoch, startBy } from "./small_run.ts";

/**
 * Starts a program whose operations, those of the input pipeline among them, share so many threads. The threads of a
 * single operation stay as they are: sums would be added in another order.
 */
const withThreads = (count: number) => ["sh", "-c", `TF_NUM_INTEROP_THREADS=${count} exec "$0" "$@"`];

const settled = ({ code, text }: Ended) => assertEquals(code, 0, text);

Deno.test({
  name: "a training on a folder goes on within an epoch, with another number of threads, to the same bytes",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = at("photographs");
    await Deno.mkdir(folder);
    for (let i = 0; i < 26; i++) {
      const [height, width] = [9 + i % 5, 12];
      const file = png(Array.from({ length: height * width * 3 }, (_, n) => (n * n * (i + 3)) % 251), height, width);
      await Deno.writeFile(`${folder}/${i}.png`, file);
    }
    // With views of 8 pixels, batch norm's groups in the last stage are two pixels, and some roundings lead to infinity.
    const images = ["--data", "folder", "--path", folder, "--size", "16"];
    const always = ["--checkpoint-minutes", "0.000001", "--keep", "99"]; // a checkpoint after every step
    settled(await ended(startBy(withThreads(4), "--config", config, ...images, ...always, "--out", at("four"))));

    // What a run leaves that was killed after the third batch of the second epoch.
    const interrupted = perEpoch + 3;
    await Deno.mkdir(checkpoints("one"), { recursive: true });
    const saved = stepFile(checkpoints("four"), interrupted);
    await Deno.copyFile(saved, stepFile(checkpoints("one"), interrupted));
    await Deno.copyFile(`${at("four")}/config.json`, `${at("one")}/config.json`);
    settled(await ended(startBy(withThreads(1), "--resume", "--out", at("one"))));
    const [four, one] = await Promise.all(["four", "one"].map((name) => Deno.readFile(finalFile(name))));
    assertEquals([one.length, four.findIndex((byte, i) => byte !== one[i])], [four.length, -1], "the bytes differ");
  },
});
