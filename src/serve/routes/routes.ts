import { analysisRoutes } from "./analyses.ts";
import { collectionRoutes } from "./collection.ts";
import { imageRoutes } from "./images.ts";
import { lookRoutes } from "./looks.ts";
import { pictureRoutes } from "./pictures.ts";
import type { Route } from "./route.ts";
import { searchRoutes } from "./search.ts";
import { tagRoutes } from "./tags.ts";

/** Every address of a collection. */
export const routes: readonly Route[] = [
  ...collectionRoutes,
  ...imageRoutes,
  ...tagRoutes,
  ...pictureRoutes,
  ...lookRoutes,
  ...searchRoutes,
  ...analysisRoutes,
];
