import { tagImages } from "../state/chosen.ts";
import { tags } from "../state/collection.ts";
import { ask } from "../state/prompt.ts";

/** Asks for a tag and gives it to images; takes it away if all of them bear it. */
export function askForTag(rows: ArrayLike<number>): void {
  if (rows.length === 0) return;
  const known = tags.value.map(({ name }) => name);
  ask(`Tag for ${rows.length.toLocaleString("en")} image${rows.length === 1 ? "" : "s"}`, "", (name) => {
    tagImages(Array.from(rows), name);
  }, known);
}
