import { present } from "../core/present.ts";
import type { Part } from "../config/sections.ts";
import type { Config, PartialConfig } from "../config/types.ts";

/** At most this share of the labels is few, and they are passed over more often. */
const FEW = 0.01;

/**
 * The configuration of fine-tuning an encoder, before the user's own fields.
 *
 * ResNets follow SimCLR: SGD with Nesterov momentum and a learning rate of 0.05 for 256 images, without weight decay,
 * on crops and flips alone, for 60 epochs with 1 % of the labels and 30 with more. Vision transformers follow BEiT and
 * MAE: AdamW whose learning rate falls from block to block, a warm-up of a twentieth of the training, and smoothed
 * labels.
 *
 * Source: arXiv:2002.05709, appendix B.5; arXiv:2106.08254, appendix; arXiv:2111.06377, appendix A.1 and table 9.
 *
 * @param before The configuration that the encoder was trained with: encoder, images, sizes and seed are taken over.
 * @param fields The user's own fields, which decide how long the training is.
 */
export function finetuningOf(before: Config, { method, training }: PartialConfig): Part {
  const { encoder, data, augment, training: { seed, precision, jit } } = before;
  const { size, evaluationSize, evaluationCrop, cropScale, cropRatio, mean, std } = augment;
  const share = method !== undefined && "labelShare" in method ? method.labelShare ?? 1 : 1;
  const epochs = training?.epochs ?? (share <= FEW ? 60 : 30);
  const isTransformer = "patch" in encoder;
  const perStep = { schedulePer: "iteration" };
  return {
    method: { name: "supervised", ...isTransformer ? { layerDecay: 0.75, labelSmoothing: 0.1 } : {} },
    // What is averaged over a grid for evaluation has no place here, and all that was frozen is trained.
    encoder: isTransformer
      ? { ...encoder, patchStem: encoder.patchStem === "frozen" ? "learned" : encoder.patchStem }
      : { ...encoder, evaluationGrid: 1 },
    optimizer: isTransformer
      ? {
        name: "adamw",
        learningRate: 5e-4,
        scaleByBatch: true,
        weightDecay: 0.05,
        warmupEpochs: epochs / 20,
        ...perStep,
      }
      : {
        name: "sgd",
        learningRate: 0.05,
        scaleByBatch: true,
        momentum: 0.9,
        nesterov: true,
        weightDecay: 0,
        ...perStep,
      },
    augment: present({ recipe: "supervised", size, evaluationSize, evaluationCrop, cropScale, cropRatio, mean, std }),
    data,
    training: present({ epochs, seed, precision, jit }),
  };
}
