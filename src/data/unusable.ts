/**
 * Images that cannot be used.
 *
 * @module
 */
import type { SkippedImage } from "./types.ts";

/** Thrown for an image that cannot be used, if such an image is to stop the training. */
export class UnusableImage extends Error {
  /** Which image, and why. */
  readonly image: SkippedImage;

  /** An error that names the image. */
  constructor(image: SkippedImage) {
    super(`Cannot read image ${image.path}: ${image.reason}`);
    this.name = "UnusableImage";
    this.image = image;
  }
}

/** What the decoder says, without the words that the engine puts around it. */
export function decodingReason({ message }: Error): string {
  const said = message.split("\n")[0].replace(/^.*transformation with iterator: [^ ]+ /, "");
  return `damaged or not supported (${said})`;
}
