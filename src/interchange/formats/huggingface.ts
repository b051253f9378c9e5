import { Either, pipe } from "../../core/either.ts";
import type { StoredTensor } from "../../files/safetensors.ts";
import {
  classifierTensors,
  classNames,
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

/**
 * A folder that `AutoModel.from_pretrained` of Hugging Face's transformers loads, or
 * `AutoModelForImageClassification.from_pretrained` if there is a classifier.
 */
export function huggingface(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  return pipe(
    huggingfaceConfig(encoder),
    Either.map((config): Export => ({
      files: [
        jsonFile("config.json", config),
        jsonFile("preprocessor_config.json", preprocessorConfig(encoder)),
        weightsFile("model.safetensors", tensorsOf(encoder)),
      ],
      usage: usageOf(encoder),
      language: "python",
    })),
  );
}

/** The tensors; a model that classifies calls its encoder `resnet` or `vit`. */
function tensorsOf(encoder: LeavingEncoder): StoredTensor[] {
  const backbone = withCounts(laidOut("huggingface", encoder));
  if (encoder.classifier === undefined) return backbone;
  const [prefix, name] = isResNet(encoder.settings) ? ["resnet", "classifier.1"] : ["vit", "classifier"];
  const within = backbone.map((tensor) => ({ ...tensor, name: `${prefix}.${tensor.name}` }));
  return [...within, ...classifierTensors(encoder, name)];
}

function usageOf({ settings, classifier }: LeavingEncoder): string {
  const model = classifier === undefined ? "AutoModel" : "AutoModelForImageClassification";
  const pooling = classifier !== undefined || isResNet(settings) ? "" : ", add_pooling_layer=False";
  return [
    `from transformers import AutoImageProcessor, ${model}`,
    "",
    'processor = AutoImageProcessor.from_pretrained("DIR")',
    `model = ${model}.from_pretrained("DIR"${pooling}).eval()`,
  ].join("\n");
}

/** What `config.json` says of an encoder. */
function huggingfaceConfig(
  encoder: LeavingEncoder,
): Either<NotExpressible, Readonly<Record<string, unknown>>> {
  const { settings, images: { size, channels }, classifier } = encoder;
  // The processor makes three channels of every image.
  if (channels !== 3) return Either.left({ expected: "images of 3 channels", found: `${channels}` });
  const kind = classifier === undefined ? "Model" : "ForImageClassification";
  if (isResNet(settings)) {
    return pipe(
      publishedResNet(settings, { anyWidth: true }),
      Either.map((resnet) => {
        const { depths, isWide, channels: first, outputs } = resnetSizes(resnet);
        return {
          ...{ architectures: [`ResNet${kind}`], model_type: "resnet", num_channels: channels, embedding_size: first },
          ...{ hidden_sizes: outputs, depths, layer_type: isWide ? "bottleneck" : "basic", hidden_act: "relu" },
          ...{ downsample_in_first_stage: false, downsample_in_bottleneck: false, ...classNames(encoder) },
        };
      }),
    );
  }
  return pipe(
    plainVit(settings),
    Either.map((vit) => {
      const { dimension, depth, heads, patch } = vitSizes(vit);
      return {
        ...{ architectures: [`ViT${kind}`], model_type: "vit", num_channels: channels, image_size: size },
        ...{ patch_size: patch, hidden_size: dimension, num_hidden_layers: depth, num_attention_heads: heads },
        ...{ intermediate_size: 4 * dimension, hidden_act: "gelu", layer_norm_eps: 1e-6, qkv_bias: true },
        ...{ hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, ...classNames(encoder) },
      };
    }),
  );
}

/**
 * What `preprocessor_config.json` says of the images: the shorter side is brought to the size over the share that is
 * seen, and the centre is cut out. CLIP's processor does that at every size. No processor reads `crop_pct` here; an
 * import does, for the exact share.
 */
export function preprocessorConfig({ images: { size, mean, std, crop } }: Pick<LeavingEncoder, "images">) {
  return {
    ...{ image_processor_type: "CLIPImageProcessor", feature_extractor_type: "CLIPFeatureExtractor" },
    ...{ do_resize: true, size: { shortest_edge: Math.floor(size / crop) }, resample: 2, do_convert_rgb: true },
    ...{ do_center_crop: true, crop_size: { height: size, width: size }, crop_pct: crop },
    ...{ do_rescale: true, rescale_factor: 1 / 255, do_normalize: true, image_mean: mean, image_std: std },
  };
}
