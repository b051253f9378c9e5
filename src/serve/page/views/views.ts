/**
 * The views of the page. A new view is a file and a line here.
 *
 * @module
 */
import { computed } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { textInAddress } from "../state/address.ts";
import { here } from "../state/here.ts";
import { DuplicatesView } from "./duplicates.tsx";
import { ImagesView } from "./images.tsx";
import { LeaksView } from "./leaks.tsx";
import { OutliersView } from "./outliers.tsx";
import { TrainingView } from "./training.tsx";

/** A view, and what must be there for it. */
export type View = {
  readonly id: string;
  readonly name: string;
  readonly component: FunctionComponent;
  readonly of: "collection" | "runs";
};

/** Every view, in the order in which they are offered. */
const all: readonly View[] = [
  { id: "images", name: "Images", component: ImagesView, of: "collection" },
  { id: "duplicates", name: "Duplicates", component: DuplicatesView, of: "collection" },
  { id: "outliers", name: "Outliers", component: OutliersView, of: "collection" },
  { id: "leaks", name: "Leaks", component: LeaksView, of: "collection" },
  { id: "training", name: "Training", component: TrainingView, of: "runs" },
];

/** The views of what there is to look at. */
export const views = computed((): readonly View[] => {
  const { hasCollection = false, runs = 0 } = here.value ?? {};
  return all.filter((view) => view.of === "collection" ? hasCollection : runs > 0);
});

/** The view that the reader chose, by its id. */
export const view = textInAddress("view", "images");

/** The view that is shown; undefined until it is known what there is. */
export const shown = computed((): View | undefined =>
  views.value.find(({ id }) => id === view.value) ?? views.value[0]
);
