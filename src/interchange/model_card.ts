import type { Json } from "../files/json.ts";
import type { Export } from "./formats/types.ts";

/** What a model card says of an encoder. */
export type CardFacts = {
  /** What it is: "MoCo v2, ResNet-18 at width 0.25". */
  readonly title: string;
  /** The format of the files beside the card. */
  readonly format: string;
  /** The images that it was trained on, in words. */
  readonly data: string;
  readonly epochs: number;
  readonly steps: number;
  /** What was last measured, by name: losses, and shares such as kNN's. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The features that an image gets. */
  readonly features: number;
  /** The images that the encoder takes, in words. */
  readonly images: string;
  /** SHA-256 of the checkpoint's tensors that were exported. */
  readonly digest: string;
  /** The command that wrote the files. */
  readonly command?: string;
  readonly config: Json;
};

/** A model card in Markdown, to stand beside the files as README.md. */
export function modelCard(facts: CardFacts, { usage, language }: Pick<Export, "usage" | "language">): string {
  const scores = Object.entries(facts.metrics).map(([name, value]) => `| ${name} | ${Number(value.toPrecision(5))} |`);
  return [
    `# ${facts.title}`,
    "",
    `An image encoder, pretrained without labels on ${facts.data}: ${facts.epochs} epochs, ${facts.steps} steps. An image ` +
    `gets ${facts.features} features. Format: ${facts.format}.`,
    "",
    `It takes ${facts.images}.`,
    "",
    `\`\`\`${language}`,
    usage,
    "```",
    ...scores.length === 0 ? [] : ["", "| measured | last value |", "| --- | --- |", ...scores],
    "",
    ...facts.command === undefined ? [] : ["Made by:", "", "```sh", facts.command, "```", ""],
    `SHA-256 of the encoder's tensors: \`${facts.digest}\``,
    "",
    "The configuration of the training:",
    "",
    "```json",
    JSON.stringify(facts.config, null, 2),
    "```",
    "",
  ].join("\n");
}
