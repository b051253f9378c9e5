/**
 * What a user may do next, as the commands for it.
 *
 * @module
 */
import { basename } from "node:path";
import { typed } from "./shell.ts";

/** How the curves of a run are looked at. */
export function lookBack(folder: string): string {
  return `Look at the training with: ${typed("explore", folder)}`;
}

/** How a run and its images are looked at without labels. */
export function findAlike(folder: string): string {
  const collection = `${basename(folder)}.moco`;
  return `${lookBack(folder)}
Find what is alike with:
  ${typed("embed", "--run", folder, "--to", collection)}
  ${typed("search", "IMAGE", "--in", collection)}
  ${typed("explore", collection)}`;
}
