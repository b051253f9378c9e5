/**
 * The package that decodes TIFF, AVIF and HEIC.
 *
 * @module
 */
import { pipe, TaskEither } from "../core/either.ts";
import { magickPackage } from "../dependencies/magick.ts";
import { useDecoderIn } from "./decoder_thread.ts";
import type { PackageUnavailable } from "./errors.ts";
import { packageFolder } from "./npm_package.ts";

let known: string | undefined;

/** The folder of the package, which is fetched if need be. The thread that decodes is told of it. */
export function converterFolder(): TaskEither<PackageUnavailable, string> {
  if (known !== undefined) return TaskEither.right(known);
  return pipe(
    packageFolder(magickPackage),
    TaskEither.map((folder) => {
      known = folder;
      useDecoderIn(folder);
      return folder;
    }),
  );
}
