/**
 * The number of training images and of steps in an epoch, found without reading any image.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { Config } from "../config/types.ts";
import type { Variant } from "../core/declare.ts";
import { sources } from "../data/table.ts";
import { methods } from "../methods/table.ts";
import type { SmallBank, UnknownCount } from "./errors.ts";

/** The number of training images according to the configuration alone, if it says. */
function impliedImages({ data: { name, limit } }: Config): number | undefined {
  const { images }: Variant & { readonly images?: number } = sources[name];
  return limit === undefined ? images : Math.min(limit, images ?? limit);
}

/** Whether the state of a configuration's method has a row for each image. */
export function remembersImages({ method: { name } }: Config): boolean {
  const { remembersImages = false }: Variant & { readonly remembersImages?: boolean } = methods[name];
  return remembersImages;
}

/**
 * The rows that a memory bank has; undefined for methods that have none.
 *
 * @param config The configuration.
 * @param rows The rows of the state that the run continues from, if there is one.
 */
export function bankSize(config: Config, rows?: number): Either<UnknownCount | SmallBank, number | undefined> {
  if (!remembersImages(config)) return Either.right(undefined);
  const images = rows ?? impliedImages(config);
  const { data, training: { batch } } = config;
  if (images === undefined) return Either.left({ _tag: "UnknownCount", data: data.name, for: "bank" });
  return images <= batch ? Either.left({ _tag: "SmallBank", images, batch }) : Either.right(images);
}

/** Steps in an epoch according to the configuration alone, so that a replay in parts equals a replay of the whole. */
export function impliedStepsPerEpoch(config: Config): Either<UnknownCount, number> {
  const { data, training, method, optimizer } = config;
  const images = impliedImages(config);
  if (images !== undefined) return Either.right(Math.max(1, Math.floor(images / training.batch)));
  const follows = optimizer.schedule !== "constant" || optimizer.warmupEpochs > 0 ||
    ("momentumSchedule" in method && method.momentumSchedule !== "constant");
  return follows ? Either.left({ _tag: "UnknownCount", data: data.name, for: "schedules" }) : Either.right(1);
}
