/**
 * Why a question about a collection has no answer, as data, and its one renderer.
 *
 * @module
 */

import { counted } from "../core/counted.ts";

/** A collection has too few vectors for what was asked. */
export type TooFewVectors = {
  readonly _tag: "TooFewVectors";
  readonly path: string;
  readonly least: number;
  readonly found: number;
};

/** A collection has images of one half only. */
export type OneHalf = { readonly _tag: "OneHalf"; readonly path: string; readonly missing: "train" | "test" };

/** A map is to begin on the map of other vectors, of which there is none. */
export type NoMap = { readonly _tag: "NoMap"; readonly path: string; readonly name: string };

/** A collection has no image of a number. */
export type NoSuchImage = { readonly _tag: "NoSuchImage"; readonly path: string; readonly id: number };

/** An encoder is not the one that made a collection's vectors. */
export type ChangedEncoder = {
  readonly _tag: "ChangedEncoder";
  readonly path: string;
  /** The name of the vectors. */
  readonly name: string;
  /** Where the other encoder is. */
  readonly checkpoint: string;
};

/** A search for what images are like, of which those that it should not be like leave nothing. */
export type NothingToBeLike = { readonly _tag: "NothingToBeLike" };

/** A field of a question makes no sense. */
export type BadQuestion = {
  readonly _tag: "BadQuestion";
  readonly field: string;
  readonly expected: string;
  readonly found: unknown;
};

/** An approximate index cannot be made. */
export type NoIndex = { readonly _tag: "NoIndex"; readonly reason: string };

/** A map is to be coloured by something that no image has. */
export type NoColour = { readonly _tag: "NoColour"; readonly name: string };

/** Everything that keeps a question about a collection from its answer. */
export type QuestionError =
  | TooFewVectors
  | OneHalf
  | NoMap
  | NoSuchImage
  | ChangedEncoder
  | NothingToBeLike
  | BadQuestion
  | NoIndex
  | NoColour;

/** An error of a question as one sentence, and the way out where there is one. */
export function renderQuestionError(error: QuestionError): string {
  switch (error._tag) {
    case "TooFewVectors":
      return `Cannot use ${error.path}: expected ${
        counted(error.least, "image")
      } with vectors or more, found ${error.found}`;
    case "OneHalf":
      return `Cannot compare the halves of ${error.path}: expected training and test images, found no ` +
        `${error.missing === "test" ? "test" : "training"} images`;
    case "NoMap":
      return `Cannot begin a map on that of ${error.name}: expected one in ${error.path}, found none. ` +
        "Draw it first, with --vectors.";
    case "NoSuchImage":
      return `Cannot search by image ${error.id}: expected an image with a vector in ${error.path}, ` +
        "found none of that number";
    case "ChangedEncoder":
      return `Cannot embed images for ${error.path}: expected the encoder that made its vectors ${error.name}, found ` +
        `another one in ${error.checkpoint}. Name that encoder with --run or --weights, ` +
        "or embed the images again, with --as.";
    case "NothingToBeLike":
      return "Cannot search: expected images to be like, found none that those of --not do not cancel. Lower --away.";
    case "BadQuestion": {
      const found = typeof error.found === "string" ? JSON.stringify(error.found) : error.found;
      return `Cannot use ${error.field}: expected ${error.expected}, found ${found}`;
    }
    case "NoIndex":
      return `Cannot build an index: ${error.reason}. Without --index the search is exact.`;
    case "NoColour":
      return `Cannot colour the map: expected label, split or a column of the collection, found "${error.name}"`;
  }
}
