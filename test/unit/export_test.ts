import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import type { LazyTensor } from "../../src/files/tensor_file.ts";
import { readTensorFile } from "../../src/files/tensor_file.ts";
import type { StoredTensor } from "../../src/files/safetensors.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { evaluate } from "../../src/run/evaluate.ts";
import { type ExportRequest, exportWeights } from "../../src/run/export.ts";
import { importWeights, readForeign } from "../../src/run/import_weights.ts";
import { left, right } from "../support/either.ts";
import { photoFolder } from "../support/photo_folder.ts";
import { storeEncoder } from "../support/stored_encoder.ts";

const fixtures = fileURLToPath(new URL("../fixtures/interchange", import.meta.url));
const fields: PartialConfig = { training: { batch: 16 } };

/** Imports a fixture, and exports it. */
async function exported(folder: string, file: string, format: string, out = format) {
  const run = `${folder}/${file}-${out.replaceAll("/", "-")}.checkpoint`;
  right(await importWeights({ ...fields, file: `${fixtures}/${file}`, to: run })());
  return await exportWeights({ run, format, out: `${folder}/${out}`, command: "moco export" })();
}

const backbone = (tensors: readonly StoredTensor[]) =>
  new Map(
    tensors.filter(({ name }) => /^query\.\w+\.backbone/.test(name)).map(({ name, data }) => [name, data.toHex()]),
  );

async function inTemporary(f: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (
  const [file, format, weights] of [
    ["huggingface_vit.safetensors", "timm", "model.safetensors"],
    ["timm_vit.safetensors", "torchvision", "model.safetensors"],
    ["timm_vit.safetensors", "huggingface", "model.safetensors"],
    ["torchvision_resnet18.pth", "huggingface", "model.safetensors"],
    ["torchvision_resnet50.safetensors", "detectron2", "backbone.pkl"],
  ] as const
) {
  Deno.test(`what leaves ${file} as ${format} comes in as it was, bit for bit`, () =>
    inTemporary(async (folder) => {
      const { files } = right(await exported(folder, file, format));
      assert(files.includes(weights) && files.includes("README.md"));
      const original = right(await readForeign(`${fixtures}/${file}`, fields)());
      const back = right(await readForeign(`${folder}/${format}/${weights}`, fields)());
      assertEquals(backbone(back.checkpoint.tensors), backbone(original.checkpoint.tensors));
      assertEquals(back.layout, format);
    }));
}

Deno.test("a folder for timm says which model it is, and what images it takes", () =>
  inTemporary(async (folder) => {
    right(await exported(folder, "timm_vit.safetensors", "timm"));
    const { architecture, model_args, pretrained_cfg } = JSON.parse(
      await Deno.readTextFile(`${folder}/timm/config.json`),
    );
    assertEquals(architecture, "vit_small_patch16_224");
    assertEquals(model_args, {
      ...{ num_classes: 0, in_chans: 3, global_pool: "token", img_size: 8, patch_size: 4 },
      ...{ embed_dim: 24, depth: 2, num_heads: 3 },
    });
    assertEquals([pretrained_cfg.mean, pretrained_cfg.crop_pct, pretrained_cfg.input_size], [
      [0.5, 0.5, 0.5],
      0.9,
      [3, 8, 8],
    ]);
  }));

Deno.test("batch norms have the counts that PyTorch asks for", () =>
  inTemporary(async (folder) => {
    right(await exported(folder, "torchvision_resnet18.pth", "huggingface"));
    const { tensors, metadata } = right(await readTensorFile(`${folder}/huggingface/model.safetensors`)());
    const counts = tensors.filter(({ name }) => name.endsWith("num_batches_tracked"));
    assertEquals([counts.length, counts[0].dtype, counts[0].shape], [20, "I64", []]);
    assertEquals(metadata, { format: "pt" });
  }));

Deno.test("the model card says what the encoder is, what it measured, and how it is loaded", () =>
  inTemporary(async (folder) => {
    const run = `${folder}/run.safetensors`;
    const { checkpoint } = right(await readForeign(`${fixtures}/timm_vit.safetensors`, fields)());
    const tensors = checkpoint.tensors.map(({ data, ...info }): LazyTensor => ({ ...info, read: () => data }));
    const about = {
      config: checkpoint.config,
      position: { epoch: 3, batch: 0, step: 30 },
      metrics: { knn: 0.8123456 },
    };
    right(await saveCheckpoint(run, tensors, about)());
    right(await exportWeights({ run, format: "timm", out: `${folder}/timm`, command: "moco export --format timm" })());
    const card = await Deno.readTextFile(`${folder}/timm/README.md`);
    assertStringIncludes(card, "# MoCo v2, ViT-tiny/4\n");
    assertStringIncludes(card, "3 epochs, 30 steps. An image gets 24 features.");
    assertStringIncludes(card, "| knn | 0.81235 |");
    assertStringIncludes(card, "```sh\nmoco export --format timm\n```");
    assertStringIncludes(card, 'timm.create_model("local-dir:DIR", pretrained=True)');
    assertStringIncludes(card, '"name": "vit-tiny"');
  }));

Deno.test("a folder may be called as nothing else is, and a share of an image is said with a digit", () =>
  inTemporary(async (folder) => {
    const [run, out] = [`${folder}/run`, `${folder}/$&-NAME-$$`];
    const seen = { augment: { evaluationCrop: 0.57 } };
    right(await importWeights({ ...fields, ...seen, file: `${fixtures}/timm_vit.safetensors`, to: run })());
    const { usage } = right(await exportWeights({ run, format: "timm", out })());
    assertStringIncludes(usage, `timm.create_model("local-dir:${out}"`);
    assertStringIncludes(await Deno.readTextFile(`${out}/README.md`), "57.0 % of each side");
  }));

Deno.test("of a folder, an export cuts what the evaluation cut, and its card says the name and not the place", () =>
  inTemporary(async (folder) => {
    const [run, out] = [`${folder}/run.safetensors`, `${folder}/timm`];
    const encoder = { name: "vit-tiny", patch: 4, channels: 24, heads: 3, depth: 2 } as const;
    await storeEncoder(run, { encoder, data: { name: "folder", path: "/home/someone/photos" } });
    right(await exportWeights({ run, format: "timm", out })());
    const { pretrained_cfg } = JSON.parse(await Deno.readTextFile(`${out}/config.json`));
    assertEquals(pretrained_cfg.crop_pct, 8 / 9);
    const card = await Deno.readTextFile(`${out}/README.md`);
    assertStringIncludes(card, "pretrained without labels on photos: ");
    assertStringIncludes(card, '"path": "photos"');
    assert(!card.includes("someone"), "others should not read where the images lie here");
  }));

Deno.test("an encoder of grey images does not leave as huggingface, whose processor makes three channels", () =>
  inTemporary(async (folder) => {
    const run = `${folder}/run.safetensors`;
    await storeEncoder(run, { channels: 1 });
    assertStringIncludes(
      renderRunError(left(await exportWeights({ run, format: "huggingface", out: `${folder}/out` })())),
      "expected images of 3 channels, found 1",
    );
  }));

Deno.test("a linear layer on features of mirrored images does not leave, for the model would not mirror", () =>
  inTemporary(async (folder) => {
    const run = `${folder}/run`;
    await Deno.mkdir(`${run}/checkpoints`, { recursive: true });
    const data = { name: "folder", path: await photoFolder(`${folder}/photos`, 6) } as const;
    await storeEncoder(`${run}/checkpoints/step-00000000.safetensors`, { data });
    right(await evaluate({ run, augment: { evaluationMirrored: true } })());
    assertStringIncludes(
      renderRunError(left(await exportWeights({ run, format: "onnx", out: `${folder}/out`, linear: true })())),
      "expected a linear layer on the features of an image, found one on the mean of",
    );
  }));

Deno.test("wishes that do not go together are refused, and not passed over", async () => {
  const refused = async (request: Partial<ExportRequest>) =>
    renderRunError(left(await exportWeights({ run: "/run", format: "timm", out: "/out", ...request })()));
  assertEquals(
    await refused({ preprocessing: true }),
    "Cannot export /run as timm: expected a format that holds the preprocessing, as onnx does, found one that does not",
  );
  assertEquals(
    await refused({ format: "detectron2", linear: true }),
    "Cannot export /run as detectron2: expected a format that holds a linear layer, found one that does not",
  );
  assertEquals(
    await refused({ encoder: { evaluationGrid: 1 }, linear: true }),
    "Cannot export /run as timm: expected the encoder that the linear layer was trained on, found changes to it",
  );
});

Deno.test("what a format cannot hold is refused by one line, and nothing is left behind", () =>
  inTemporary(async (folder) => {
    const refused = async (file: string, format: string) =>
      renderRunError(left(await exported(folder, file, format))).replace(/^.*? as /, "");
    assertEquals(
      await refused("torchvision_resnet18.pth", "timm"),
      "timm: expected a ResNet with encoder.width 1, found 0.03125",
    );
    assertEquals(
      await refused("timm_vit.safetensors", "detectron2"),
      'detectron2: expected a ResNet, found encoder.name "vit-tiny"',
    );
    assertStringIncludes(await refused("timm_vit.safetensors", "tim"), 'found "tim"');
    await Deno.mkdir(`${folder}/there`);
    assertStringIncludes(
      renderRunError(left(await exported(folder, "timm_vit.safetensors", "timm", "there"))),
      "there: expected no such folder, found one",
    );
    await Deno.writeTextFile(`${folder}/file`, "");
    assertStringIncludes(
      renderRunError(left(await exported(folder, "timm_vit.safetensors", "timm", "file/timm"))),
      "Cannot write",
    );
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => !name.endsWith(".checkpoint"));
    assertEquals([names.toSorted(), [...Deno.readDirSync(`${folder}/there`)]], [["file", "there"], []]);
  }));
