import { Either } from "../../core/either.ts";
import { onnxModel } from "../onnx/model.ts";
import { classNames, featuresOf, isResNet, jsonFile, resnetSizes, vitSizes } from "./shapes.ts";
import { preprocessorConfig } from "./huggingface.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/**
 * A folder from which transformers.js runs `pipeline("image-feature-extraction")`, or
 * `pipeline("image-classification")` if there is a classifier, in three precisions.
 */
export function transformersJs(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  if (encoder.images.channels !== 3) {
    return Either.left({ expected: "images of 3 channels", found: `${encoder.images.channels}` });
  }
  const precisions = { model: "float32", model_fp16: "float16", model_int8: "int8", model_quantized: "int8" } as const;
  return Either.right({
    files: [
      jsonFile("config.json", configOf(encoder)),
      jsonFile("preprocessor_config.json", preprocessorConfig(encoder)),
      ...Object.entries(precisions).map(([name, precision]) => ({
        path: `onnx/${name}.onnx`,
        bytes: onnxModel(encoder, { precision, outputs: "huggingface" }),
      })),
    ],
    usage: [
      'import { env, pipeline } from "@huggingface/transformers";',
      "",
      "env.allowRemoteModels = false;",
      'env.localModelPath = "DIR/..";',
      ...encoder.classifier === undefined
        ? [
          'const encode = await pipeline("image-feature-extraction", "NAME", { dtype: "fp32" }); // or fp16, int8',
          "const features = await encode(image, { pool: true });",
        ]
        : [
          'const classify = await pipeline("image-classification", "NAME", { dtype: "fp32" }); // or fp16, int8',
          "const [{ label, score }] = await classify(image);",
        ],
    ].join("\n"),
    language: "ts",
  });
}

/** Only what transformers.js reads: the kind of model. It runs the graph that it is given, of any width and stem. */
function configOf(encoder: LeavingEncoder) {
  const { settings, images: { size, channels }, classifier } = encoder;
  const kind = classifier === undefined ? "Model" : "ForImageClassification";
  const common = {
    ...{ num_channels: channels, image_size: size, hidden_size: featuresOf(settings) },
    ...classNames(encoder),
  };
  if (isResNet(settings)) {
    const { depths, outputs } = resnetSizes(settings);
    return { ...{ model_type: "resnet", architectures: [`ResNet${kind}`], hidden_sizes: outputs, depths }, ...common };
  }
  const { depth, heads, patch } = vitSizes(settings);
  return {
    ...{ model_type: "vit", architectures: [`ViT${kind}`], num_hidden_layers: depth, num_attention_heads: heads },
    ...{ patch_size: patch, ...common },
  };
}
