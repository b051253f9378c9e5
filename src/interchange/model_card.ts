import { counted } from "../core/counted.ts";
import type { DataDigest } from "../data/data_digest.ts";
import type { Json } from "../files/json.ts";
import type { Export } from "./formats/types.ts";

/** What a model card says of an encoder. */
export type CardFacts = {
  /** What it is: "MoCo v2, ResNet-18 at width 0.25". */
  readonly title: string;
  /** The format of the files beside the card. */
  readonly format: string;
  /**
   * What it is and how it was trained, as the beginning of a sentence: "An image encoder, pretrained without labels".
   */
  readonly kind: string;
  /** The images that it was trained on, in words. */
  readonly data: string;
  /** Which images these are, where it is known. */
  readonly images?: DataDigest;
  readonly epochs: number;
  readonly steps: number;
  /** What was last measured, by name: losses, and shares such as kNN's. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What an image gets: "512 features", in words. */
  readonly outputs: string;
  /** The images that it takes, in words. */
  readonly takes: string;
  /** SHA-256 of the checkpoint's tensors that were exported. */
  readonly digest: string;
  /** The command that wrote the files. */
  readonly command?: string;
  readonly config: Json;
};

/** A model card in Markdown, to stand beside the files as README.md. */
export function modelCard(
  facts: CardFacts,
  { usage, language, python }: Pick<Export, "usage" | "language" | "python">,
): string {
  const { images } = facts;
  const scores = Object.entries(facts.metrics).map(([name, value]) => `| ${name} | ${Number(value.toPrecision(5))} |`);
  return [
    `# ${facts.title}`,
    "",
    `${facts.kind} on ${facts.data}: ${counted(facts.epochs, "epoch")}, ${
      counted(facts.steps, "step")
    }. An image gets ${facts.outputs}. ` +
    `Format: ${facts.format}.`,
    "",
    `It takes ${facts.takes}.`,
    "",
    `\`\`\`${language}`,
    usage,
    "```",
    ...python === undefined ? [] : ["", "In Python:", "", "```python", python, "```"],
    ...scores.length === 0 ? [] : ["", "| measured | last value |", "| --- | --- |", ...scores],
    "",
    ...facts.command === undefined ? [] : ["Made by:", "", "```sh", facts.command, "```", ""],
    `SHA-256 of the tensors: \`${facts.digest}\``,
    ...images === undefined
      ? []
      : ["", `SHA-256 of the ${counted(images.images, "training image")}: \`${images.digest}\``],
    "",
    "The configuration of the training:",
    "",
    "```json",
    JSON.stringify(facts.config, null, 2),
    "```",
    "",
  ].join("\n");
}
