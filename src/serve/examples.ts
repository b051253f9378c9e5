/**
 * Images that a reader searches by and that the collection does not have.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import type { EncoderThread } from "./encoder_thread.ts";
import { typeOf } from "./image_type.ts";
import { type Remembered, remembered } from "./remembered.ts";

/** An image that is searched by. */
export type Example = { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string };

/** Images that are searched by. */
export type Examples = {
  /** Takes an image in, and gives its number; undefined if the bytes are no image. */
  readonly add: (bytes: Uint8Array<ArrayBuffer>) => number | undefined;
  /** An image by its number; undefined once newer ones have taken its place. */
  readonly get: (id: number) => Example | undefined;
  /** An image's unit vector by an encoder, which is opened with the first image. Left: why there is none, in words. */
  readonly vector: (id: number, encoder: CollectionEncoder) => Promise<Either<string, Float32Array>>;
};

/** An image with its vectors by the encoders' digests. */
type Held = Example & { readonly vectors: Remembered<string, Float32Array> };

/** Images that are held at a time. */
const HELD = 32;

/**
 * Takes images to search by.
 *
 * @param embedder The thread of the encoders.
 */
export function examples(embedder: EncoderThread): Examples {
  const held = new Map<number, Held>();
  // Numbers go on from one start to the next, so that an old address does not mean a new image.
  let next = Date.now();
  return {
    add: (bytes) => {
      const type = typeOf(bytes);
      if (type === undefined) return undefined;
      held.set(next, { bytes, type, vectors: remembered() });
      for (const oldest of held.keys()) if (held.size > HELD) held.delete(oldest);
      return next++;
    },
    get: (id) => held.get(id),
    vector: (id, encoder) => {
      const example = held.get(id);
      if (example === undefined) {
        return Promise.resolve(Either.left("The image that was searched by is no longer there"));
      }
      return example.vectors(encoder.digest, () => embedder.vector(encoder, example.bytes)).then(
        (vector): Either<string, Float32Array> => Either.right(vector),
        (thrown): Either<string, Float32Array> => Either.left(reasonOf(thrown)),
      );
    },
  };
}
