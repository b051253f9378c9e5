/**
 * What there is to look at: a collection, trainings, or both.
 *
 * @module
 */
import { signal } from "@preact/signals";
import type { Here } from "../../messages.ts";
import { askJson } from "../server.ts";
import { failure, loadCollection } from "./collection.ts";

/** What there is; undefined until it is known. */
export const here = signal<Here | undefined>(undefined);

/** Finds out what there is, and loads the collection if there is one. */
export async function loadHere(): Promise<void> {
  try {
    here.value = await askJson<Here>("api/here");
    failure.value = undefined;
  } catch (thrown) {
    failure.value = (thrown as Error).message;
    return;
  }
  if (here.value.hasCollection) await loadCollection();
}
