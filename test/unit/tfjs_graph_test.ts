import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { key, normal } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { readBytes } from "../../src/engine/mod.ts";
import { writeFolder } from "../../src/files/folder.ts";
import { tfjs } from "../../src/interchange/formats/tfjs.ts";
import { right } from "../support/either.ts";
import { classifying, encoders, farthest, made } from "../support/leaving_encoders.ts";

const program = fileURLToPath(new URL("../support/run_graph_model.ts", import.meta.url));

/** What plain TensorFlow.js computes, in a process of its own. */
async function run(folder: string, backend: string, shape: readonly number[], images: Uint8Array) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-env", program, folder, backend],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${JSON.stringify(shape)}\n`));
  await writer.write(images);
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return JSON.parse(lines[lines.length - 1]);
}

for (const [name, fields] of Object.entries(encoders)) {
  Deno.test(`plain TensorFlow.js has our features and logits of ${name}, in JavaScript and in WebAssembly`, async () => {
    const { state, encoder, features } = made(fields);
    const classifier = classifying(encoder);
    const folder = await Deno.makeTempDir();
    right(await writeFolder(`${folder}/encoder`, right(tfjs(encoder)).files)());
    right(await writeFolder(`${folder}/classifier`, right(tfjs(classifier.encoder)).files)());
    const images = normal(key(1), [3, 32, 32, 3]);
    const expected = scope(() => ({
      encoder: Array.from(features(images).dataSync()),
      classifier: Array.from(classifier.logits(features(images)).dataSync()),
    }));
    for (const [model, backend] of [["encoder", "cpu"], ["encoder", "wasm"], ["classifier", "cpu"]] as const) {
      const ours = expected[model];
      const found = await run(`${folder}/${model}`, backend, images.shape, readBytes(images));
      assertEquals([found.backend, found.shape], [backend, [3, ours.length / 3]]);
      const distance = farthest(found.values, ours);
      assert(distance < 1e-4, `${model}, ${backend}: ${distance}`);
    }
    const { userDefinedMetadata } = JSON.parse(await Deno.readTextFile(`${folder}/classifier/model.json`));
    assertEquals(userDefinedMetadata, { classes: ["cat", "dog", "fox"] });
    dispose({ images, state });
    await Deno.remove(folder, { recursive: true });
  });
}
