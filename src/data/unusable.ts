/**
 * Images that cannot be used.
 *
 * @module
 */
import type { SkippedImage } from "./types.ts";

/** An image that cannot be used, where that is to stop the training. */
export class UnusableImage extends Error {
  /** Which, and why. */
  readonly image: SkippedImage;

  /** An error that names the image. */
  constructor(image: SkippedImage) {
    super(`Cannot read image ${image.path}: ${image.reason}`);
    this.name = "UnusableImage";
    this.image = image;
  }
}

/** What the decoder says, without the engine's words around it. */
export function decodingReason({ message }: Error): string {
  const said = message.split("\n")[0].replace(/^.*transformation with iterator: [^ ]+ /, "");
  return `damaged or not supported (${said})`;
}
