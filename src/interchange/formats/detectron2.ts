import { Either, pipe } from "../../core/either.ts";
import { pickle } from "../pytorch/write_pickle.ts";
import { isResNet, laidOut, publishedResNet, type ResNetEncoder, resnetSizes, textFile } from "./shapes.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/**
 * A pickle like those of Detectron2's model zoo, and a configuration that names it: a detector whose backbone starts
 * from these weights. Its loader finds the names by their endings (`matching_heuristics`).
 */
export function detectron2(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  const { settings, images } = encoder;
  if (!isResNet(settings)) return Either.left({ expected: "a ResNet", found: `encoder.name "${settings.name}"` });
  if (images.channels !== 3) return Either.left({ expected: "images of 3 channels", found: `${images.channels}` });
  return pipe(
    publishedResNet(settings, { anyWidth: true, anyGrid: true }), // a detector averages nothing
    Either.map((resnet): Export => {
      const model = { dict: laidOut("detectron2", encoder).map((tensor) => [tensor.name, { array: tensor }] as const) };
      const whole = { dict: [["model", model], ["__author__", "moco"], ["matching_heuristics", true]] as const };
      return {
        files: [{ path: "backbone.pkl", bytes: pickle(whole) }, textFile("config.yaml", configOf(resnet, encoder))],
        usage: [
          "from detectron2.config import get_cfg",
          "",
          "config = get_cfg()",
          'config.merge_from_file("DIR/config.yaml")',
          'config.MODEL.WEIGHTS = "DIR/backbone.pkl"',
        ].join("\n"),
        language: "python",
      };
    }),
  );
}

/** The settings under which a detector computes what this encoder does: torchvision's strides, pixels in RGB. */
function configOf(resnet: ResNetEncoder, { images: { mean, std } }: LeavingEncoder): string {
  const { channels, isWide, outputs } = resnetSizes(resnet);
  const pixels = (numbers: readonly number[]) => `[${numbers.map((number) => (255 * number).toFixed(3)).join(", ")}]`;
  return `# Faster R-CNN with the features of stage 4, as MoCo's authors transfer to detection
# (arXiv:1911.05722, section 4.2).
MODEL:
  META_ARCHITECTURE: GeneralizedRCNN
  WEIGHTS: backbone.pkl
  PIXEL_MEAN: ${pixels(mean)}
  PIXEL_STD: ${pixels(std)}
  RPN:
    PRE_NMS_TOPK_TEST: 6000
    POST_NMS_TOPK_TEST: 1000
  ROI_HEADS:
    NAME: Res5ROIHeads${isWide ? "" : " # its last stage has bottlenecks: choose another with a ResNet-18 or -34"}
  RESNETS:
    DEPTH: ${resnet.name.slice("resnet".length)}
    STRIDE_IN_1X1: False
    STEM_OUT_CHANNELS: ${channels}
    RES2_OUT_CHANNELS: ${outputs[0]}
    WIDTH_PER_GROUP: ${channels}
    NORM: SyncBN
  BACKBONE:
    FREEZE_AT: 0
INPUT:
  FORMAT: RGB
VERSION: 2
`;
}
