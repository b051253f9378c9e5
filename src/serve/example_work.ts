/**
 * The thread that embeds images which are searched by.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { OpenedEncoder } from "../run/encoder.ts";
import { renderRunError } from "../run/errors.ts";
import { encoderAgain, vectorsOf } from "../run/query_vectors.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import { answering } from "./thread.ts";

/** An image, the collection, and its encoder that the image is to be compared by. */
export type ExampleQuestion = {
  readonly collection: string;
  readonly encoder: CollectionEncoder;
  readonly bytes: Uint8Array;
};

const opened = new Map<string, OpenedEncoder>();

async function vector({ collection, encoder: known, bytes }: ExampleQuestion): Promise<Float32Array> {
  const encoder = opened.get(known.digest) ?? await open(collection, known);
  opened.set(known.digest, encoder);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, bytes);
    const found = await vectorsOf(encoder, [file]);
    if (Either.isLeft(found)) throw new Error(`Cannot search by the image: ${found.left.reason}`);
    return found.right[0].vector;
  } finally {
    await Deno.remove(file);
  }
}

async function open(collection: string, known: CollectionEncoder): Promise<OpenedEncoder> {
  const found = await encoderAgain(collection, known, undefined, () => {})();
  if (Either.isLeft(found)) throw new Error(renderRunError(found.left));
  return found.right;
}

answering(vector);
