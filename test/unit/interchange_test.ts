import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { PartialConfig } from "../../src/config/types.ts";
import { decode, encode, type StoredTensor } from "../../src/files/safetensors.ts";
import { readBeside } from "../../src/interchange/beside.ts";
import { preprocessorConfig } from "../../src/interchange/formats/huggingface.ts";
import { widened } from "../../src/interchange/layouts/widen.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { readForeign } from "../../src/run/import_weights.ts";
import { checkpointOf } from "../../src/run/measurable.ts";
import { left, right } from "../support/either.ts";
import { farthest, featuresOf, readForeignFeatures } from "../support/foreign_features.ts";

const folder = fileURLToPath(new URL("../fixtures/interchange", import.meta.url));
const foreign = await readForeignFeatures(folder);

/** The queues of the fixtures are short. */
const fields: PartialConfig = { training: { batch: 16 } };

const read = async (file: string, more: PartialConfig = {}) =>
  right(await readForeign(`${folder}/${file}`, { ...fields, ...more })());

/** What each file is, and what comes out of it. */
const files: Readonly<Record<string, readonly [layout: string, encoder: string, parts: readonly string[]]>> = {
  "detectron2_resnet50.pth": ["detectron2", "resnet50", []],
  "half_resnet18.safetensors": ["torchvision", "resnet18", []],
  "huggingface_resnet.bin": ["huggingface", "resnet18", []],
  "huggingface_vit.safetensors": ["huggingface", "vit-tiny", []],
  "moco_v1.pth.tar": ["moco", "resnet18", ["query.head", "key.backbone", "key.head", "queue"]],
  "moco_v2.pth.tar": ["moco", "resnet18", ["query.head", "key.backbone", "key.head", "queue"]],
  "moco_v3_resnet.pth.tar": ["moco-v3", "resnet18", ["query.projector", "key.backbone", "key.projector", "predictor"]],
  "moco_v3_vit.pth.tar": ["moco-v3", "vit-tiny", ["query.projector", "key.backbone", "key.projector", "predictor"]],
  "timm_vit.safetensors": ["timm", "vit-tiny", []],
  "torchvision_resnet18.pth": ["torchvision", "resnet18", []],
  "torchvision_resnet50.safetensors": ["torchvision", "resnet50", []],
  "torchvision_vit.pth": ["torchvision", "vit-tiny", []],
};

Deno.test("every file that the script makes is tested", () => assertEquals(foreign.files, Object.keys(files)));

for (const [file, [layout, encoder, parts]] of Object.entries(files)) {
  Deno.test(`an encoder out of ${file} has the features that PyTorch has of it`, async () => {
    const imported = await read(file);
    assertEquals([imported.layout, imported.config.encoder.name], [layout, encoder]);
    assertEquals(Object.keys(imported.taken), ["query.backbone", ...parts]);
    const distance = farthest(featuresOf(imported, foreign.images(file)), foreign.features(file));
    assert(distance < 1e-5, `${distance}`);
  });
}

Deno.test("an encoder that Lightly trained, as a sequence of torchvision's layers, has the features of that encoder", async () => {
  const file = "torchvision_resnet50.safetensors";
  const { tensors } = right(decode(await Deno.readFile(`${folder}/${file}`)));
  const inSequence = (name: string) =>
    name.replace(/^conv1/, "0").replace(/^bn1/, "1").replace(/^layer(\d)/, (_, stage) => `${Number(stage) + 3}`);
  const named = tensors.filter(({ name }) => !name.startsWith("fc."))
    .map((tensor) => ({ ...tensor, name: `backbone.${inSequence(tensor.name)}` }));
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(
      path,
      encode([...named, { name: "head.0.weight", dtype: "F32", shape: [1], data: new Uint8Array(4) }]),
    );
    const imported = right(await readForeign(path, fields)());
    assertEquals([imported.layout, imported.beginning, imported.leftOver], ["lightly", "backbone.", ["head.0.weight"]]);
    assertEquals(imported.checkpoint.tensors, (await read(file)).checkpoint.tensors);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a queue begins with the key that is overwritten next, and is full of keys", async () => {
  const { tensors } = (await read("moco_v2.pth.tar")).checkpoint;
  const rows = (name: string) => floats(tensors.find((tensor) => tensor.name === name)!);
  const ring = rows("queue.keys"); // [16, 6], rotated by the pointer, which is 4
  const { data } = await torchTensor("moco_v2.pth.tar", "module.queue"); // [6, 16]
  const theirs = new Float32Array(data.slice().buffer);
  for (const [row, column] of [[0, 4], [11, 15], [12, 0], [15, 3]]) {
    const wanted = Array.from({ length: 6 }, (_, d) => theirs[d * 16 + column]);
    assertEquals([...ring.subarray(6 * row, 6 * row + 6)], wanted);
  }
  const filled = tensors.find(({ name }) => name === "queue.filled")!;
  assertEquals([...new Int32Array(filled.data.slice().buffer)], [16]);
});

Deno.test("a key encoder comes from the file where it has one, and is a copy of the query encoder where not", async () => {
  for (const [file, factor] of [["moco_v2.pth.tar", 0.5], ["torchvision_resnet18.pth", 1]] as const) {
    const { tensors } = (await read(file)).checkpoint;
    const first = (part: string) =>
      floats(tensors.find(({ name }) => name === `${part}.params.backbone.conv1.weight`)!)[0];
    assertEquals(first("key"), factor * first("query"), file);
  }
});

Deno.test("heads, projector and predictor decide the method's settings", async () => {
  const v1 = (await read("moco_v1.pth.tar")).config.method;
  assert(
    v1.name === "moco" && v1.head === "linear" && v1.queue === 16 && v1.dimension === 6 && v1.temperature === 0.07,
  );
  const v3 = (await read("moco_v3_resnet.pth.tar")).config.method;
  assertEquals("projector" in v3 && [v3.projector, v3.predictor], [
    { layers: 2, hidden: 10, lastNorm: true },
    { layers: 2, hidden: 10, lastNorm: false },
  ]);
});

Deno.test("each program's evaluation has its own crop and normalisation", async () => {
  const augment = async (file: string) => {
    const { evaluationCrop, mean, size } = (await read(file)).config.augment;
    return [size, evaluationCrop, mean?.[0]];
  };
  assertEquals(await augment("torchvision_resnet18.pth"), [224, 0.875, undefined]);
  assertEquals(await augment("timm_vit.safetensors"), [8, 0.9, 0.5]);
  assertEquals(await augment("huggingface_vit.safetensors"), [8, undefined, 0.5]);
  assertEquals(await augment("moco_v3_vit.pth.tar"), [8, 0.875, undefined]);
});

Deno.test("what a file does not say, and others of its layout have otherwise, is said", async () => {
  const normalised = (await read("timm_vit.safetensors")).assumed;
  assertStringIncludes(normalised.join(), "Taken: mean 0.5,0.5,0.5 and deviation 0.5,0.5,0.5");
  assertStringIncludes(normalised.join(), "Taken: 3, as published (--heads)");
  const mean = { augment: { mean: [0.485, 0.456, 0.406] }, encoder: { heads: 3 } };
  assertEquals(right(await readForeign(`${folder}/timm_vit.safetensors`, { ...fields, ...mean })()).assumed, []);
  assertStringIncludes((await read("detectron2_resnet50.pth")).assumed.join(), "a stride in the 3x3 convolution");
  for (const file of ["torchvision_resnet18.pth", "moco_v3_vit.pth.tar"]) assertEquals((await read(file)).assumed, []);
  const notes: string[] = [];
  right(await checkpointOf({ weights: `${folder}/timm_vit.safetensors` }, fields, (note) => notes.push(note))());
  assertEquals(notes, normalised);
});

Deno.test("what timm and Hugging Face write beside the weights says heads, crop and normalisation", async () => {
  const path = await Deno.makeTempDir();
  await Deno.copyFile(`${folder}/timm_vit.safetensors`, `${path}/model.safetensors`);
  const found = async (more: PartialConfig = {}) => {
    const { config: { encoder, augment } } = right(
      await readForeign(`${path}/model.safetensors`, { ...fields, ...more })(),
    );
    return ["heads" in encoder && encoder.heads, augment.evaluationCrop, augment.mean?.[0], augment.std?.[0]];
  };
  await Deno.writeTextFile(`${path}/config.json`, "no JSON");
  assertEquals(await found(), [3, 0.9, 0.5, 0.5]);
  const timm = {
    model_args: { num_heads: 6 },
    pretrained_cfg: { mean: [0.1, 0, 0], std: [0.2, 1, 1], crop_pct: 0.95 },
  };
  await Deno.writeTextFile(`${path}/config.json`, JSON.stringify(timm));
  assertEquals(await found(), [6, 0.95, 0.1, 0.2]);
  assertEquals(await found({ encoder: { heads: 4 } }), [4, 0.95, 0.1, 0.2]); // what is asked for counts most
  await Deno.writeTextFile(`${path}/config.json`, JSON.stringify({ num_attention_heads: 2 }));
  const preprocessor = {
    ...{ image_mean: [0.3, 0, 0], image_std: [0.4, 1, 1], do_center_crop: true },
    ...{ crop_size: { height: 224, width: 224 }, size: { shortest_edge: 256 } },
  };
  await Deno.writeTextFile(`${path}/preprocessor_config.json`, JSON.stringify(preprocessor));
  assertEquals(await found(), [2, 0.875, 0.3, 0.4]);
  await Deno.remove(path, { recursive: true });
});

Deno.test("what an export says of images is the same cut at every size, and comes back as it was", async () => {
  const path = await Deno.makeTempDir();
  for (const size of [64, 224, 384, 518]) {
    const images = { size, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], crop: 0.9 };
    const config = preprocessorConfig({ images });
    assertEquals(config.image_processor_type, "CLIPImageProcessor"); // ConvNeXT's cuts nothing from 384 pixels on
    assertEquals([config.size.shortest_edge, config.crop_size.height], [Math.floor(size / 0.9), size]);
    await Deno.writeTextFile(`${path}/preprocessor_config.json`, JSON.stringify(config));
    const { augment } = await readBeside(`${path}/model.safetensors`, "vit");
    assertEquals(augment, { mean: images.mean, std: images.std, evaluationCrop: 0.9 });
  }
  await Deno.remove(path, { recursive: true });
});

Deno.test("what has no place here is named, and counts are not", async () => {
  assertEquals((await read("torchvision_resnet18.pth")).leftOver, ["fc.weight", "fc.bias"]);
});

Deno.test("a shape that does not fit is named with both shapes, as the file has them", async () => {
  const refused = await readForeign(`${folder}/torchvision_resnet18.pth`, { encoder: { width: 1 / 16 } })();
  const text = renderRunError(left(refused));
  assertStringIncludes(text, "conv1.weight: expected [4,3,7,7], found [2,3,7,7]");
});

Deno.test("a tensor of the encoder that would be left out is named", async () => {
  const refused = await readForeign(`${folder}/timm_vit.safetensors`, { ...fields, encoder: { depth: 1 } })();
  assertStringIncludes(renderRunError(left(refused)), "blocks.1.norm1.weight: expected nothing, found [24]");
});

Deno.test("a tensor that is missing is named, parts of one too", async () => {
  const path = await Deno.makeTempFile();
  for (
    const [file, gone, wanted] of [
      ["timm_vit.safetensors", "norm.weight", "norm.weight: expected [24], found nothing"],
      [
        "huggingface_vit.safetensors",
        "vit.encoder.layer.1.attention.attention.key.bias",
        "vit.encoder.layer.1.attention.attention.value.bias: expected [24], found nothing",
      ],
    ] as const
  ) {
    const { tensors } = right(decode(await Deno.readFile(`${folder}/${file}`)));
    await Deno.writeFile(path, encode(tensors.filter(({ name }) => name !== gone)));
    assertStringIncludes(renderRunError(left(await readForeign(path, fields)())), wanted);
  }
  await Deno.remove(path);
});

Deno.test("an encoder whose blocks hold more than a plain one's is refused, for it computes something else", async () => {
  const added: readonly (readonly [file: string, name: string, found: string])[] = [
    ["timm_vit.safetensors", "blocks.0.ls1.gamma", "a plain vision transformer"],
    ["torchvision_resnet50.safetensors", "layer2.1.se.fc1.weight", "a plain ResNet"],
    [
      "huggingface_vit.safetensors",
      "vit.encoder.layer.1.attention.attention.rope.weight",
      "a plain vision transformer",
    ],
  ];
  const tensor = { dtype: "F32", shape: [2], data: new Uint8Array(8) } as const;
  const path = await Deno.makeTempFile();
  try {
    for (const [file, name, kind] of added) {
      const { tensors } = right(decode(await Deno.readFile(`${folder}/${file}`)));
      const write = (...names: readonly string[]) =>
        Deno.writeFile(path, encode([...tensors, ...names.map((name) => ({ ...tensor, name }))]));
      await write(name, `${name}2`);
      const refused = renderRunError(left(await readForeign(path, fields)()));
      assertStringIncludes(refused, `expected blocks of ${kind}, found ${name} and 1 more beside them`);
      await write("decoder_blocks.0.norm1.weight", "head.layer1.0.weight"); // of other parts of a network
      assertEquals(right(await readForeign(path, fields)()).leftOver.length, 2 + (await read(file)).leftOver.length);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a file without an encoder, and one with another encoder, are refused by one line", async () => {
  const path = await Deno.makeTempFile();
  const tensor = (name: string, shape: number[]): StoredTensor => ({
    ...{ name, dtype: "F32", shape },
    data: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
  });
  const refusal = async (...tensors: StoredTensor[]) => {
    await Deno.writeFile(path, encode(tensors));
    return renderRunError(left(await readForeign(path, fields)())).replace(path, "FILE");
  };
  assertEquals(
    await refusal(tensor("bert.weight", [2])),
    "Cannot import FILE: expected an encoder as moco, moco-v3, torchvision, timm, lightly, detectron2, huggingface name it, " +
      "found names such as bert.weight",
  );
  const blocks = Array.from({ length: 3 }, (_, b) => tensor(`layer1.${b}.conv1.weight`, [1, 1, 1, 1]));
  assertEquals(
    await refusal(tensor("conv1.weight", [2, 3, 7, 7]), ...blocks),
    "Cannot import FILE: expected a ResNet-18, -34 or -50, found stages of 3, 0, 0, 0 basic blocks",
  );
  assertEquals(
    await refusal(tensor("blocks.0.norm1.weight", [4])),
    "Cannot import FILE: expected a patch projection, patch_embed.proj, found none",
  );
  await Deno.remove(path);
});

function floats({ data }: StoredTensor): Float32Array {
  return new Float32Array(data.slice().buffer);
}

async function torchTensor(file: string, name: string): Promise<StoredTensor> {
  const { readWeights } = await import("../../src/interchange/read_weights.ts");
  return right(await readWeights(`${folder}/${file}`)()).tensors.find((tensor) => tensor.name === name)!;
}

Deno.test("float16, bfloat16 and float64 become the float32 of the same value", () => {
  const values = [1, -2.5, 0.15625, Infinity];
  const tensor = (dtype: StoredTensor["dtype"], data: ArrayBufferView<ArrayBuffer>): StoredTensor => ({
    ...{ name: "x", dtype, shape: [4] },
    data: new Uint8Array(data.buffer),
  });
  const upper = Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (bits) => bits >>> 16);
  for (
    const stored of [
      tensor("F16", Float16Array.from(values)),
      tensor("BF16", upper),
      tensor("F64", Float64Array.from(values)),
    ]
  ) {
    const { dtype, shape, data } = widened(stored);
    assertEquals([dtype, shape, [...new Float32Array(data.slice().buffer)]], ["F32", [4], values], stored.dtype);
  }
});
