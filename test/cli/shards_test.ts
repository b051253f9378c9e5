/**
 * A training on images in shards, by the real program.
 *
 * @module
 */
import { assertEquals, equal } from "@std/assert";
import { fileURLToPath } from "node:url";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { tensorsIn } from "./files.ts";
import { inFolder, succeeds } from "./program.ts";

const fixtures = fileURLToPath(new URL("../fixtures/shards", import.meta.url));

const network = ["--encoder", "resnet18", "--width", "0.0625", "--size", "8"];
const method = ["--queue", "8", "--groups", "1", "--dimension", "8"];

type Measured = { readonly count: number; readonly top1: number; readonly perClass: readonly object[] };

/** The tensors at the end of a training on the images at a path, and what its evaluation measured of each class. */
async function trained(path: string, out: string) {
  const training = ["--batch", "2", "--epochs", "2", "--seed", "3"];
  await succeeds("pretrain", "--data", "folder", "--path", path, ...network, ...method, ...training, "--out", out);
  const { position, data, results } = JSON.parse(await succeeds("evaluate", "--run", out, "--k", "1", "--json"));
  const [{ knn, linear }]: readonly { readonly knn: Measured; readonly linear: Measured }[] = results;
  const tensors = await tensorsIn(stepFile(`${out}/checkpoints`, position.step));
  return { tensors, data, measured: [knn, linear].map(withoutNames) };
}

/** TFRecord files and tar files as WebDataset writes them number their classes. */
function withoutNames({ perClass, ...measured }: Measured) {
  return { ...measured, perClass: perClass.map((one) => ({ ...one, name: "" })) };
}

Deno.test("a training on shards ends in the bytes of one on the same images in a folder, and measures the same", () =>
  inFolder(async (folder) => {
    const kinds = ["folder", "tar", "tfrecord"];
    const [plain, ...inShards] = await Promise.all(
      kinds.map((kind) => trained(`${fixtures}/${kind}`, `${folder}/${kind}`)),
    );
    for (const [index, { tensors, ...others }] of inShards.entries()) {
      const kind = kinds[index + 1];
      assertEquals(others, { data: plain.data, measured: plain.measured }, kind);
      const differing = Object.keys(plain.tensors).filter((name) => !equal(tensors[name], plain.tensors[name]));
      assertEquals(differing, [], kind);
      assertEquals(Object.keys(tensors).length, Object.keys(plain.tensors).length);
    }
  }));
