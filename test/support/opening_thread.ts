/**
 * A thread that opens images, as those of the server do. It is told a path, and tells the image's encoding, or why there
 * is none.
 *
 * @module
 */
import { Either } from "../../src/core/either.ts";
import { openImage } from "../../src/data/image_source.ts";

const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<string>) => void;
  readonly postMessage: (told: string) => void;
};

thread.onmessage = ({ data }) => {
  const opened = openImage(data);
  thread.postMessage(Either.isRight(opened) ? opened.right.header.encoding : opened.left);
};
