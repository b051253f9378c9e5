/**
 * The thread in which encoders look at single images.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { centralSquare } from "../run/central_square.ts";
import type { OpenedEncoder } from "../run/encoder.ts";
import { renderRunError } from "../run/errors.ts";
import { focusOn, type ImageFocus, viewsOf } from "../run/look_at_image.ts";
import { encoderAgain, vectorsOf } from "../run/query_vectors.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import type { ImagePlace } from "./image_place.ts";
import { oneImage } from "./one_image.ts";
import { remembered } from "./remembered.ts";
import { answering } from "./thread.ts";

/** What is asked, about an encoder of a collection. */
export type EncoderQuestion =
  & { readonly collection: string; readonly encoder: CollectionEncoder }
  & (
    | { readonly kind: "vector"; readonly bytes: Uint8Array }
    | { readonly kind: "focus"; readonly place: ImagePlace }
    | { readonly kind: "views"; readonly place: ImagePlace; readonly seed: number }
  );

/** What it answers. */
export type EncoderAnswer =
  | { readonly kind: "vector"; readonly values: Float32Array }
  | (ImageFocus & { readonly kind: "focus" })
  | { readonly kind: "views"; readonly png: Uint8Array<ArrayBuffer> };

/** Encoders that stay open. A collection may have one for each checkpoint of a run. */
const OPEN = 2;

/** The encoders by their digests. */
const opened = remembered<string, OpenedEncoder>(OPEN, (encoder) => encoder.close());

async function answer(question: EncoderQuestion): Promise<EncoderAnswer> {
  const { collection, encoder: known } = question;
  const encoder = await opened(known.digest, () => open(collection, known));
  if (question.kind === "vector") return { kind: "vector", values: await vector(encoder, question.bytes) };
  const channels = encoder.about.channels === 1 ? 1 : 3;
  const image = await oneImage(question.place, { ...centralSquare(encoder.config.augment), channels });
  if (question.kind === "views") return { kind: "views", png: viewsOf(encoder.config, image, question.seed) };
  return { kind: "focus", ...focusOn(encoder, image) };
}

async function vector(encoder: OpenedEncoder, bytes: Uint8Array): Promise<Float32Array> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, bytes);
    const found = await vectorsOf(encoder, [{ path: file }]);
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

let last: Promise<unknown> = Promise.resolve();

// One question is over before the next one begins, so that no encoder is closed while it is asked.
answering((question: EncoderQuestion) => {
  const answered = last.then(() => answer(question));
  last = answered.catch(() => {});
  return answered;
});
