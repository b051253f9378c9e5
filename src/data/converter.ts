import { pathToFileURL } from "node:url";
import { pipe, TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { loadMagick, magickPackage } from "../dependencies/magick.ts";
import { hasDecoder, useDecoder } from "./converted_file.ts";
import type { PackageUnavailable } from "./errors.ts";
import { packageFolder } from "./npm_package.ts";

/** The most bytes that the decoder may take for an image. */
const MEMORY = 2 ** 30;

/** Loads the decoder of TIFF, AVIF and HEIC, fetching it first if need be, unless it is loaded. */
export function prepareConverter(): TaskEither<PackageUnavailable, void> {
  if (hasDecoder()) return TaskEither.right(undefined);
  const { name, version } = magickPackage;
  return pipe(
    packageFolder(magickPackage),
    TaskEither.flatMap((folder) =>
      TaskEither.tryCatch(
        async () => useDecoder(await loadMagick(pathToFileURL(`${folder}/`), MEMORY)),
        (thrown): PackageUnavailable => ({
          _tag: "PackageUnavailable",
          name: `${name}@${version}`,
          reason: reasonOf(thrown),
        }),
      )
    ),
  );
}
