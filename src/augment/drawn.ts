import { type Part, partOf, whole } from "../core/devices.ts";
import { map, type Tree } from "../core/tree.ts";

/**
 * The draws of the images of a part of a batch, as they are in the whole batch.
 *
 * @param draw Draws for a number of images: a tree of tensors [N, ...].
 * @param images The number of images in the part.
 * @param part The part. Default: the whole batch.
 */
export function drawn<Draw extends Tree>(draw: (count: number) => Draw, images: number, part: Part = whole): Draw {
  return part.count === 1 ? draw(images) : map((rows) => partOf(rows, part), draw(part.count * images));
}
