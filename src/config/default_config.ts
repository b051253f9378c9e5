import { Either, pipe } from "../core/either.ts";
import { parseConfig } from "./config.ts";
import type { Config } from "./types.ts";

/** The configuration that an empty record stands for: MoCo v2 on Fashion-MNIST with a quarter-width ResNet-18. */
export const defaultConfig: Config = pipe(
  parseConfig({}),
  Either.getOrElse((): Config => {
    throw new TypeError("Cannot build the default configuration: expected valid defaults, found faults");
  }),
);
