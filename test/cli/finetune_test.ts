import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { makeClasses } from "./files.ts";
import { inFolder, moco, succeeds } from "./program.ts";

const weights = fileURLToPath(new URL("../fixtures/interchange/torchvision_resnet18.pth", import.meta.url));

Deno.test("another program's encoder is fine-tuned on a folder, measured, and leaves as a classifier", () =>
  inFolder(async (folder) => {
    const path = await makeClasses(folder);
    const data = ["--data", "folder", "--path", path, "--size", "32"];
    const training = ["--batch", "8", "--epochs", "2", "--labels-share", "0.5"];
    const out = `${folder}/tuned`;
    const text = await succeeds("finetune", "--weights", weights, "--out", out, ...data, ...training);
    assertStringIncludes(text, "8 labelled training images, 4 test images\n");
    assertMatch(text, / moco export --run \S+\/tuned --format onnx --out tuned-onnx\n$/);
    assertStringIncludes(text, "top-1");
    const config = JSON.parse(await Deno.readTextFile(`${out}/config.json`));
    assertEquals([config.training.init, config.method.classes, config.training.batch], [weights, 2, 8]);

    const again = await moco("finetune", "--weights", weights, "--out", out, ...data, ...training);
    assertEquals(again.code, 1);
    const resumed = await succeeds("finetune", "--resume", "--out", out, "--epochs", "3", "--json");
    assertEquals(JSON.parse(resumed).count, 4);

    await succeeds("export", "--run", out, "--format", "huggingface", "--out", `${folder}/leaving`);
    const { architectures, id2label } = JSON.parse(await Deno.readTextFile(`${folder}/leaving/config.json`));
    assertEquals([architectures, id2label], [["ResNetForImageClassification"], { 0: "bright", 1: "dark" }]);
    const card = await Deno.readTextFile(`${folder}/leaving/README.md`);
    assertStringIncludes(card, "An image classifier, trained with labels");
    assertStringIncludes(card, "a logit for each of 2 classes: bright, dark");
    assertStringIncludes(card, "SHA-256 of the 8 training images");
  }));

Deno.test("an encoder leaves with the linear layer that its evaluation kept, of the same step alone", () =>
  inFolder(async (folder) => {
    const path = await makeClasses(folder);
    const data = ["--data", "folder", "--path", path, "--size", "32"];
    const encoder = ["--encoder", "resnet18", "--width", "0.0625"];
    const method = ["--queue", "8", "--groups", "1"];
    const run = `${folder}/run`;
    const pretrain = ["pretrain", ...data, ...encoder, ...method, "--batch", "8", "--out", run];
    await succeeds(...pretrain, "--epochs", "1");
    const leave = ["export", "--run", run, "--linear", "--format", "onnx", "--out"];
    const none = await moco(...leave, `${folder}/none`);
    assertEquals([none.code, none.stderr.includes("expected the linear layer of moco evaluate")], [1, true]);
    await succeeds("evaluate", "--run", run, "--k", "3", "--evaluation-grid", "2");
    await succeeds(...leave, `${folder}/classifier`);
    const card = await Deno.readTextFile(`${folder}/classifier/README.md`);
    assertStringIncludes(card, "const { logits } = await session.run");
    assert(/\| knn \| [\d.]+ \|\n\| linear \| [\d.]+ \|/.test(card), card);
    await succeeds("pretrain", "--resume", "--out", run, "--epochs", "2");
    const old = await moco(...leave, `${folder}/old`);
    assertEquals([old.code, old.stderr.includes("found one of step 2")], [1, true]);
  }));

Deno.test("fine-tuning needs one encoder", () =>
  inFolder(async (folder) => {
    const none = await moco("finetune", "--out", `${folder}/out`);
    const expected = "error: Cannot go on: expected one of --run, --checkpoint, --weights, --resume, found";
    assertEquals([none.code, none.stderr], [2, `${expected} none. See --help.\n`]);
    const two = await moco("finetune", "--out", `${folder}/out`, "--run", "a", "--resume");
    assertEquals([two.code, two.stderr], [2, `${expected} --run, --resume. See --help.\n`]);
  }));
