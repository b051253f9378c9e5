import { Either, pipe } from "../../core/either.ts";
import {
  isResNet,
  jsonFile,
  laidOut,
  plainVit,
  publishedResNet,
  resnetSizes,
  vitSizes,
  weightsFile,
  withCounts,
} from "./shapes.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/** A folder that `AutoModel.from_pretrained` of Hugging Face's transformers loads. */
export function huggingface(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  return pipe(
    huggingfaceConfig(encoder),
    Either.map((config): Export => ({
      files: [
        jsonFile("config.json", config),
        jsonFile("preprocessor_config.json", preprocessorConfig(encoder)),
        weightsFile("model.safetensors", withCounts(laidOut("huggingface", encoder))),
      ],
      usage: [
        "from transformers import AutoImageProcessor, AutoModel",
        "",
        'processor = AutoImageProcessor.from_pretrained("DIR")',
        `model = AutoModel.from_pretrained("DIR"${
          isResNet(encoder.settings) ? "" : ", add_pooling_layer=False"
        }).eval()`,
      ].join("\n"),
      language: "python",
    })),
  );
}

/** What `config.json` says of an encoder. */
export function huggingfaceConfig(
  { settings, images: { size, channels } }: LeavingEncoder,
): Either<NotExpressible, Readonly<Record<string, unknown>>> {
  if (isResNet(settings)) {
    return pipe(
      publishedResNet(settings, { anyWidth: true }),
      Either.map((resnet) => {
        const { depths, isWide, channels: first, outputs } = resnetSizes(resnet);
        return {
          ...{ architectures: ["ResNetModel"], model_type: "resnet", num_channels: channels, embedding_size: first },
          ...{ hidden_sizes: outputs, depths, layer_type: isWide ? "bottleneck" : "basic", hidden_act: "relu" },
          ...{ downsample_in_first_stage: false, downsample_in_bottleneck: false },
        };
      }),
    );
  }
  return pipe(
    plainVit(settings),
    Either.map((vit) => {
      const { dimension, depth, heads, patch } = vitSizes(vit);
      return {
        ...{ architectures: ["ViTModel"], model_type: "vit", num_channels: channels, image_size: size },
        ...{ patch_size: patch, hidden_size: dimension, num_hidden_layers: depth, num_attention_heads: heads },
        ...{ intermediate_size: 4 * dimension, hidden_act: "gelu", layer_norm_eps: 1e-6, qkv_bias: true },
        ...{ hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 },
      };
    }),
  );
}

/**
 * What `preprocessor_config.json` says of the images: the shorter side is brought to the size over the share that is seen,
 * and the centre is cut out.
 */
export function preprocessorConfig({ images: { size, mean, std, crop } }: LeavingEncoder) {
  return {
    ...{ image_processor_type: "ConvNextImageProcessor", feature_extractor_type: "ConvNextFeatureExtractor" },
    ...{ do_resize: true, size: { shortest_edge: size }, crop_pct: crop, resample: 2 },
    ...{ do_rescale: true, rescale_factor: 1 / 255, do_normalize: true, image_mean: mean, image_std: std },
  };
}
