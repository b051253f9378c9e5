import { Either, pipe } from "../../core/either.ts";
import { isResNet, laidOut, plainVit, publishedResNet, vitSizes, weightsFile, withCounts } from "./shapes.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/** Weights that torchvision's own models take with `strict=True`, the classifier being the identity. */
export function torchvision(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  return pipe(
    modelOf(encoder),
    Either.map(({ model, classifier }): Export => ({
      files: [weightsFile("model.safetensors", withCounts(laidOut("torchvision", encoder)))],
      usage: [
        "import torch, torchvision",
        "from safetensors.torch import load_file",
        "",
        `model = torchvision.models.${model}`,
        `model.${classifier} = torch.nn.Identity()`,
        'model.load_state_dict(load_file("DIR/model.safetensors"), strict=True)',
        "model.eval()",
      ].join("\n"),
      language: "python",
    })),
  );
}

function modelOf(
  { settings, images: { size, channels } }: LeavingEncoder,
): Either<NotExpressible, { readonly model: string; readonly classifier: string }> {
  if (channels !== 3) return Either.left({ expected: "images of 3 channels", found: `${channels}` });
  if (isResNet(settings)) {
    return pipe(publishedResNet(settings), Either.map(({ name }) => ({ model: `${name}()`, classifier: "fc" })));
  }
  return pipe(
    plainVit(settings),
    Either.map((vit) => {
      const { dimension, depth, heads, patch } = vitSizes(vit);
      const sizes = [size, patch, depth, heads, dimension, 4 * dimension];
      return { model: `VisionTransformer(${sizes.join(", ")})`, classifier: "heads" };
    }),
  );
}
