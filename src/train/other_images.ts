import type { Position } from "../checkpoint/checkpoint.ts";
import type { RunOptions } from "./types.ts";

/** What of a run decides whether it can go on with other images. */
type Run = Pick<RunOptions<never>, "remembersImages"> & { readonly batches: { readonly perEpoch: number } };

/**
 * Why a run cannot go on with other images than it was trained on; undefined where it can.
 *
 * It can from the end of an epoch, if the number of batches stays and its state has no row for each image.
 */
export function whyNotOtherImages(
  { batches: { perEpoch }, remembersImages = false }: Run,
  { epoch, batch, step }: Position,
): string | undefined {
  if (batch > 0) {
    return `The checkpoint stands after batch ${batch} of epoch ${
      epoch + 1
    }. The order of an epoch is drawn over the ` +
      "list of images, so with another list some images would be seen twice and others never.";
  }
  if (step !== epoch * perEpoch) {
    return `An epoch would now end after batch ${perEpoch}, so step ${step} would no longer be the end of epoch ` +
      `${epoch}, and the learning rate follows the steps.`;
  }
  if (remembersImages && step > 0) {
    return "The state remembers something of every image by its place in the list, and the places are now others'.";
  }
  return undefined;
}
