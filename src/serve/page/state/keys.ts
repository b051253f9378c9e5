/**
 * The keys that mean the same wherever the reader is.
 *
 * @module
 */
import { askForTag } from "../parts/tagging.ts";
import { active, chooseAll, chosen, meant, tagImages } from "./chosen.ts";
import { info, loadDetails, refused, tags } from "./collection.ts";
import { searchLike } from "./likes.ts";
import { undo } from "./undo.ts";

/** Follows the keys, from now on. */
export function followKeys(showHelp: () => void): void {
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (target.matches("input, select, textarea") || document.querySelector("dialog[open]") !== null) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "?") showHelp();
    else if (info.value === undefined) return; // the other keys are about images
    else if (isCommand && key === "z") undo();
    else if (isCommand && key === "a") chooseAll();
    else if (isCommand || event.altKey) return;
    else if (key === "Escape") {
      chosen.value = new Set();
      active.value = -1;
    } else if (key === "t") askForTag(meant());
    else if (key === "s") search();
    else if (/^[1-9]$/.test(key)) number(Number(key) - 1);
    else return;
    event.preventDefault();
  });
}

function search(): void {
  loadDetails(meant()).then((images) => {
    if (images.length > 0) searchLike(images.map(({ id }) => id));
  }, refused);
}

function number(place: number): void {
  const tag = tags.value[place]?.name;
  if (tag !== undefined) tagImages(meant(), tag);
}
