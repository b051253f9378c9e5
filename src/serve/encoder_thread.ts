/**
 * What the collection's encoders are asked about single images. They are opened, and work, in a thread of their own.
 *
 * @module
 */
import type { ImageFocus } from "../run/look_at_image.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import type { EncoderAnswer, EncoderQuestion } from "./encoder_work.ts";
import type { ImagePlace } from "./image_place.ts";
import { thread } from "./thread.ts";

/** Encoders that answer. Each function rejects with words for the reader where there is no answer. */
export type EncoderThread = {
  /** The unit vector of an image in a file's bytes. */
  readonly vector: (encoder: CollectionEncoder, bytes: Uint8Array) => Promise<Float32Array>;
  /** Where an encoder looks in an image: maps over it, one after another. */
  readonly focus: (encoder: CollectionEncoder, place: ImagePlace) => Promise<ImageFocus>;
  /** Two augmented views of an image side by side, as a PNG. The same seed gives the same views. */
  readonly views: (encoder: CollectionEncoder, place: ImagePlace, seed: number) => Promise<Uint8Array<ArrayBuffer>>;
  readonly close: () => void;
};

/**
 * Starts with the first question.
 *
 * @param collection The collection's file.
 */
export function encoderThread(collection: string): EncoderThread {
  const { ask, close } = thread<EncoderQuestion, EncoderAnswer>(new URL("./encoder_work.ts", import.meta.url));
  const answer = async <K extends EncoderAnswer["kind"]>(
    question: EncoderQuestion & { readonly kind: K },
  ): Promise<EncoderAnswer & { readonly kind: K }> => await ask(question) as EncoderAnswer & { readonly kind: K };
  return {
    vector: async (encoder, bytes) => (await answer({ kind: "vector", collection, encoder, bytes })).values,
    focus: (encoder, place) => answer({ kind: "focus", collection, encoder, place }),
    views: async (encoder, place, seed) => (await answer({ kind: "views", collection, encoder, place, seed })).png,
    close,
  };
}
