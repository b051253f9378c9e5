import { Either } from "../../core/either.ts";
import { onnxModel } from "../onnx/model.ts";
import { featuresOf, isResNet, jsonFile, resnetSizes, vitSizes } from "./shapes.ts";
import { preprocessorConfig } from "./huggingface.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/** A folder from which transformers.js runs `pipeline("image-feature-extraction")`, in three precisions. */
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
      'const encode = await pipeline("image-feature-extraction", "NAME", { dtype: "fp32" }); // or fp16, int8',
      "const features = await encode(image, { pool: true });",
    ].join("\n"),
    language: "ts",
  });
}

/** Only what transformers.js reads: the kind of model. It runs the graph that it is given, of any width and stem. */
function configOf({ settings, images: { size, channels } }: LeavingEncoder) {
  const common = { num_channels: channels, image_size: size, hidden_size: featuresOf(settings) };
  if (isResNet(settings)) {
    const { depths, outputs } = resnetSizes(settings);
    return { ...{ model_type: "resnet", architectures: ["ResNetModel"], hidden_sizes: outputs, depths }, ...common };
  }
  const { depth, heads, patch } = vitSizes(settings);
  return {
    ...{ model_type: "vit", architectures: ["ViTModel"], num_hidden_layers: depth, num_attention_heads: heads },
    ...{ patch_size: patch, ...common },
  };
}
