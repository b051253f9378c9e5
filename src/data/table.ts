import { cifar10, cifar100 } from "./cifar_settings.ts";
import { folder } from "./folder_settings.ts";
import { idx } from "./idx_settings.ts";
import { fashionMnist, mnist } from "./mnist_settings.ts";
import { stl10 } from "./stl10_settings.ts";

/** Every data source by name. A new source needs its own files and a line here. */
export const sources = {
  "fashion-mnist": fashionMnist,
  "mnist": mnist,
  "cifar10": cifar10,
  "cifar100": cifar100,
  "stl10": stl10,
  "idx": idx,
  "folder": folder,
} as const;
