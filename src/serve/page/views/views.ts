/**
 * The views of the page. A new view is a file and a line here.
 *
 * @module
 */
import type { FunctionComponent } from "preact";
import { textInAddress } from "../state/address.ts";
import { DuplicatesView } from "./duplicates.tsx";
import { ImagesView } from "./images.tsx";
import { LeaksView } from "./leaks.tsx";
import { OutliersView } from "./outliers.tsx";

/** A view. */
export type View = { readonly id: string; readonly name: string; readonly component: FunctionComponent };

/** Every view, in the order in which they are offered. */
export const views: readonly View[] = [
  { id: "images", name: "Images", component: ImagesView },
  { id: "duplicates", name: "Duplicates", component: DuplicatesView },
  { id: "outliers", name: "Outliers", component: OutliersView },
  { id: "leaks", name: "Leaks", component: LeaksView },
];

/** The view that is shown, by its id. */
export const view = textInAddress("view", "images");
