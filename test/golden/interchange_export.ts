/**
 * Exports what `interchange.py` made and some encoders of our own in every format that holds them, with our features of
 * random images beside each, or our logits if it classifies. `interchange_export.py` then loads each folder with its
 * own program, and compares:
 *
 *     deno run -A test/golden/interchange_export.ts FOLDER EXPORTED
 *     python test/golden/interchange_export.py EXPORTED
 *
 * @module
 */
import { saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { tensorsOf, toTensor } from "../../src/checkpoint/state.ts";
import { buildMethod, viewShape } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose } from "../../src/core/scope.ts";
import { writeTensorFile } from "../../src/files/tensor_file.ts";
import { formats } from "../../src/interchange/formats/formats.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { exportWeights } from "../../src/run/export.ts";
import { linear } from "../../src/nn/dense.ts";
import { importWeights } from "../../src/run/import_weights.ts";
import { start } from "../../src/train/position.ts";
import { toJson } from "../../src/train/beginning.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { right } from "../support/either.ts";
import { featuresOf } from "../support/foreign_features.ts";

const [from, to] = Deno.args;
await Deno.mkdir(to, { recursive: true });

const classes = { method: { name: "supervised", classes: 5 } } as const;

/** Encoders of our own: what no file of another program holds. */
const own: Readonly<Record<string, PartialConfig>> = {
  "narrow": { encoder: { name: "resnet18", width: 0.25, stem: "small" }, augment: { size: 32 } },
  "narrow_imagenet": { encoder: { name: "resnet50", width: 0.25, stem: "imagenet" }, augment: { size: 64 } },
  "sin_cos": { encoder: { name: "vit-small", patchStem: "frozen", position: "sin-cos" }, augment: { size: 64 } },
  "mean": { encoder: { name: "vit-tiny", position: "learned", pool: "mean" }, augment: { size: 32 } },
  "conv": { encoder: { name: "vit-tiny", patchStem: "conv" }, augment: { size: 32 } },
  "classifying_resnet": {
    ...classes,
    encoder: { name: "resnet18", width: 1, stem: "imagenet" },
    augment: { size: 64 },
  },
  "classifying_vit": { ...classes, encoder: { name: "vit-tiny", position: "learned" }, augment: { size: 32 } },
  "classifying_mean": { ...classes, encoder: { name: "vit-tiny", pool: "mean" }, augment: { size: 32 } },
  "classifying_narrow": {
    ...classes,
    encoder: { name: "resnet18", width: 0.25, stem: "small" },
    augment: { size: 32 },
  },
};

const names = ["torchvision_resnet18.pth", "torchvision_resnet50.safetensors", "timm_vit.safetensors"];
for (const name of [...names, ...Object.keys(own)]) {
  const folder = `${to}/${name.split(".")[0]}`;
  await Deno.mkdir(folder);
  const file = `${folder}/checkpoint.safetensors`;
  if (name in own) {
    const config = right(parseConfig(own[name], { data: false }));
    const state = freshState(buildMethod(config, viewShape(config, 3), 1), 0);
    right(await saveCheckpoint(file, tensorsOf(state), { config: toJson(config), position: start, metrics: {} })());
    dispose(state);
  } else right(await importWeights({ file: `${from}/${name}`, to: file, training: { batch: 16 } })());
  const checkpoint = right(await loadCheckpoint(file)());
  const config = right(parseConfig(checkpoint.config, { data: false }));
  const images = normal(key(1), [2, config.augment.size, config.augment.size, 3]);
  const made = featuresOf({ checkpoint, config }, images);
  const [weight, bias] = ["weight", "bias"].map((value) =>
    checkpoint.tensors.find((tensor) => tensor.name === `query.params.classifier.${value}`)
  );
  const features = weight && bias ? linear(made, toTensor(weight), toTensor(bias)) : made;
  right(await writeTensorFile(`${folder}/features.safetensors`, tensorsOf({ images, features }))());
  for (const format of Object.keys(formats)) {
    const exported = await exportWeights({ run: file, format, out: `${folder}/${format}` })();
    console.log(exported._tag === "Right" ? exported.right.folder : renderRunError(exported.left));
  }
}
