import { adamw } from "./adamw_settings.ts";
import { lars } from "./lars_settings.ts";
import { sgd } from "./sgd_settings.ts";

/** Every optimizer by name. A new one needs its own files and a line here. */
export const optimizers = { "sgd": sgd, "lars": lars, "adamw": adamw } as const;
