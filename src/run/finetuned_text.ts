import { counted } from "../core/counted.ts";
import { percent } from "../core/percent.ts";
import { table } from "../report/text_table.ts";
import type { Finetuned } from "./finetune.ts";

/** What fine-tuning reached, for a terminal. */
export function renderFinetuned({ checkpoint, trained, scores }: Finetuned): string {
  const images = `${counted(trained, "labelled training image")}, ${counted(scores?.count ?? 0, "test image")}`;
  const lines = [`Finished: ${checkpoint}`, images];
  if (scores === undefined) return lines.join("\n");
  const { top1, top5 } = scores;
  return [...lines, "", table(["top-1", "top-5"], [[percent(top1), percent(top5)]])].join("\n");
}
