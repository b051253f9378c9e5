import { Either, pipe } from "../../core/either.ts";
import {
  classifierTensors,
  isResNet,
  laidOut,
  plainVit,
  publishedResNet,
  vitSizes,
  weightsFile,
  withCounts,
} from "./shapes.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/**
 * Weights that torchvision's own models take with `strict=True`. Without a classifier of ours, theirs is the identity.
 */
export function torchvision(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  return pipe(
    modelOf(encoder),
    Either.map(({ model, head, layer }): Export => ({
      files: [
        weightsFile("model.safetensors", [
          ...withCounts(laidOut("torchvision", encoder)),
          ...classifierTensors(encoder, layer),
        ]),
      ],
      usage: [
        "import torch, torchvision",
        "from safetensors.torch import load_file",
        "",
        `model = torchvision.models.${model}`,
        ...encoder.classifier === undefined ? [`model.${head} = torch.nn.Identity()`] : [],
        'model.load_state_dict(load_file("DIR/model.safetensors"), strict=True)',
        "model.eval()",
      ].join("\n"),
      language: "python",
    })),
  );
}

/** How torchvision makes a model, what it calls the model's head, and the head's linear layer. */
type Model = { readonly model: string; readonly head: string; readonly layer: string };

function modelOf(
  { settings, images: { size, channels }, classifier }: LeavingEncoder,
): Either<NotExpressible, Model> {
  const classes = classifier === undefined ? [] : [`num_classes=${classifier.classes.length}`];
  if (channels !== 3) return Either.left({ expected: "images of 3 channels", found: `${channels}` });
  if (isResNet(settings)) {
    return pipe(
      publishedResNet(settings),
      Either.map(({ name }): Model => ({ model: `${name}(${classes})`, head: "fc", layer: "fc" })),
    );
  }
  return pipe(
    plainVit(settings),
    Either.map((vit): Model => {
      const { dimension, depth, heads, patch } = vitSizes(vit);
      const sizes = [size, patch, depth, heads, dimension, 4 * dimension, ...classes];
      return { model: `VisionTransformer(${sizes.join(", ")})`, head: "heads", layer: "heads.head" };
    }),
  );
}
