import { Either, pipe } from "../../core/either.ts";
import {
  classifierTensors,
  featuresOf,
  isResNet,
  jsonFile,
  laidOut,
  plainVit,
  publishedResNet,
  vitSizes,
  weightsFile,
  withCounts,
} from "./shapes.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/** A folder that `timm.create_model("local-dir:DIR", pretrained=True)` loads, with a classifier or without. */
export function timm(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  const { settings, images: { size, channels, mean, std, crop } } = encoder;
  const { classes = [] } = encoder.classifier ?? {};
  const num_classes = classes.length; // 0: no classifier
  return pipe(
    modelOf(encoder),
    Either.map(({ architecture, pool, sizes, first, classifier }): Export => ({
      files: [
        jsonFile("config.json", {
          architecture,
          num_classes,
          num_features: featuresOf(settings),
          global_pool: pool,
          model_args: { num_classes, in_chans: channels, global_pool: pool, ...sizes },
          pretrained_cfg: {
            ...{ num_classes, input_size: [channels, size, size], fixed_input_size: !isResNet(settings) },
            ...{ interpolation: "bilinear", crop_pct: crop, crop_mode: "center", mean, std },
            ...{ first_conv: first, classifier },
          },
          ...num_classes === 0 ? {} : { label_names: classes },
        }),
        weightsFile("model.safetensors", [
          ...withCounts(laidOut(isResNet(settings) ? "torchvision" : "timm", encoder)),
          ...classifierTensors(encoder, classifier),
        ]),
      ],
      usage: 'import timm\n\nmodel = timm.create_model("local-dir:DIR", pretrained=True).eval()',
      language: "python",
    })),
  );
}

/** timm's name of a model, and the arguments that make it this one. */
type Model = {
  readonly architecture: string;
  readonly pool: string;
  readonly sizes: Readonly<Record<string, unknown>>;
  readonly first: string;
  readonly classifier: string;
};

function modelOf({ settings, images: { size } }: LeavingEncoder): Either<NotExpressible, Model> {
  if (isResNet(settings)) {
    return pipe(
      publishedResNet(settings),
      Either.map(({ name }): Model => ({
        ...{ architecture: name, pool: "avg", sizes: {}, first: "conv1", classifier: "fc" },
      })),
    );
  }
  return pipe(
    plainVit(settings, { anyPool: true }),
    Either.map((vit): Model => {
      const { dimension, depth, heads, patch } = vitSizes(vit);
      const isMean = vit.pool === "mean";
      return {
        architecture: "vit_small_patch16_224", // the arguments make it any size
        pool: isMean ? "avg" : "token",
        sizes: {
          ...{ img_size: size, patch_size: patch, embed_dim: dimension, depth, num_heads: heads },
          ...isMean ? { class_token: false, final_norm: false } : {},
          ...vit.position === "none" ? { pos_embed: "none" } : {},
        },
        first: "patch_embed.proj",
        classifier: "head",
      };
    }),
  );
}
