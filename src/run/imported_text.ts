import { counted } from "../core/counted.ts";
import { percent } from "../core/percent.ts";
import { encoderName } from "../config/names.ts";
import type { ImportedWeights } from "./import_weights.ts";

/** How many names are written out before the rest is only counted. */
const SHOWN = 10;

/** What was taken, what begins anew and what was left. */
export function renderImported(
  { config, layout, beginning, taken, fresh, leftOver, assumed }: ImportedWeights,
): string {
  const parts = Object.entries(taken).map(([part, count]) => `${part} (${counted(count, "tensor")})`);
  const hidden = leftOver.length - SHOWN;
  const { size, mean = "ImageNet's", std = "ImageNet's", evaluationCrop = 1 } = config.augment;
  return [
    `${encoderName(config)}, as ${layout} lays it out${beginning === "" ? "" : `, behind "${beginning}"`}`,
    `Taken: ${parts.join(", ")}`,
    ...fresh.length === 0 ? [] : [`Not in the file, so that it begins anew: ${fresh.join(", ")}`],
    ...leftOver.length === 0
      ? []
      : [`Left over: ${leftOver.slice(0, SHOWN).join(", ")}${hidden > 0 ? ` and ${hidden} more` : ""}`],
    ..."heads" in config.encoder ? [`Attention heads: ${config.encoder.heads}`] : [],
    `Images: ${size} pixels, ${percent(evaluationCrop)} of each side, mean ${mean}, std ${std}`,
    ...assumed,
  ].join("\n");
}
