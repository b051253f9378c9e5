import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { inFolder, moco, succeeds } from "./program.ts";
import { makeClasses, tensorsIn } from "./files.ts";

const weights = fileURLToPath(new URL("../fixtures/interchange/torchvision_resnet18.pth", import.meta.url));

Deno.test("another program's encoder is imported, measured and trained on", () =>
  inFolder(async (folder) => {
    const path = await makeClasses(folder);
    const checkpoint = `${folder}/encoder.safetensors`;
    const text = await succeeds("import", weights, "--to", checkpoint, "--size", "32");
    assertStringIncludes(text, "ResNet-18 at width 0.03125, as torchvision lays it out");
    assertStringIncludes(text, "Taken: query.backbone (100 tensors)");
    assertStringIncludes(text, "begins anew: query.head, key.backbone, key.head, queue");
    assertStringIncludes(text, "Left over: fc.weight, fc.bias");

    const before = await Deno.readFile(checkpoint);
    const again = await moco("import", weights, "--to", checkpoint, "--size", "64");
    assertEquals([again.code, again.stderr.includes("expected no such file, found one")], [1, true], again.stderr);
    assertEquals(await Deno.readFile(checkpoint), before);

    const data = ["--data", "folder", "--path", path];
    const measure = ["--no-linear", "--k", "3", "--json"];
    const byCheckpoint = JSON.parse(await succeeds("evaluate", "--checkpoint", checkpoint, ...data, ...measure));
    const inOneStep = JSON.parse(await succeeds("evaluate", "--weights", weights, ...data, ...measure));
    assertEquals([byCheckpoint.results[0].dimension, byCheckpoint.results[0].knn.top1], [16, 1]);
    assertEquals([inOneStep.results[0].dimension, inOneStep.results[0].knn.top1], [16, 1]);

    const encoder = ["--encoder", "resnet18", "--width", "0.03125", "--stem", "imagenet", "--size", "32"];
    const method = ["--queue", "8", "--groups", "1", "--dimension", "128"];
    const training = ["--batch", "8", "--epochs", "1", "--keep", "9"];
    const run = `${folder}/run`;
    await succeeds("pretrain", "--init", checkpoint, "--out", run, ...data, ...encoder, ...method, ...training);
    const [begun, imported] = await Promise.all([
      tensorsIn(`${run}/checkpoints/step-00000000.safetensors`),
      tensorsIn(checkpoint),
    ]);
    const both = ["query.params.backbone.layer1.0.conv1.weight", "key.buffers.backbone.bn1.running_var"];
    for (const name of both) assertEquals(begun[name], imported[name], name);
    assertEquals(begun["query.params.head.0.weight"], imported["query.params.head.0.weight"]); // it fits, so it comes along
    assertEquals(begun["queue.keys"].length, 8 * 128 * 4); // it does not
  }));

Deno.test("what does not fit is refused by one message, and nothing is written", () =>
  inFolder(async (folder) => {
    const to = `${folder}/encoder.safetensors`;
    const refused = await moco("import", weights, "--to", to, "--width", "0.0625");
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "conv1.weight: expected [4,3,7,7], found [2,3,7,7]");
    await Deno.writeTextFile(`${folder}/text.pth`, "hello");
    const text = await moco("import", `${folder}/text.pth`, "--to", to);
    assertEquals([text.code, text.stderr.trim().split("\n").length], [1, 1]);
    const evil = fileURLToPath(new URL("../fixtures/pytorch/evil.pth", import.meta.url));
    const called = await moco("import", evil, "--to", to);
    assertStringIncludes(called.stderr, "found the Python name posix.system");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["text.pth"]);
    const own = fileURLToPath(new URL("../fixtures/run_0.1/checkpoints", import.meta.url));
    const [{ name }] = Deno.readDirSync(own);
    const ours = await moco("import", `${own}/${name}`, "--to", to);
    assertStringIncludes(ours.stderr, "expected another program's weights, found a checkpoint of this one");
    const both = await moco("pretrain", "--resume", "--init", to, "--out", folder);
    assertEquals(both.code, 2);
  }));

Deno.test("an encoder leaves into a new folder, and never into one that is there", () =>
  inFolder(async (folder) => {
    const run = `${folder}/encoder.safetensors`;
    await succeeds("import", weights, "--to", run);
    const out = `${folder}/out`;
    const text = await succeeds("export", "--run", run, "--format", "huggingface", "--out", out);
    assertStringIncludes(text, `model = AutoModel.from_pretrained("${out}").eval()`);
    assertEquals([...Deno.readDirSync(out)].map(({ name }) => name).toSorted(), [
      ...["README.md", "config.json", "model.safetensors", "preprocessor_config.json"],
    ]);
    const again = await moco("export", "--run", run, "--format", "huggingface", "--out", out);
    assertEquals([again.code, again.stderr.trim()], [
      1,
      `error: Cannot write ${out}: expected no such folder, found one`,
    ]);
    const unknown = await moco("export", "--run", run, "--format", "onx", "--out", out);
    assertEquals(unknown.code, 2);
  }));
