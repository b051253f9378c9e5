import { Either } from "../core/either.ts";
import { extname } from "node:path";
import type { UnwritableFile } from "./errors.ts";

/**
 * Refuses to write a file whose name promises something else than what would be in it.
 *
 * @param endings The endings that the name may have, in any case of letters.
 * @param path The file that is to be written.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { endingIn } from "./ending.ts";
 *
 * assertEquals(endingIn([".svg", ".png"], "map.PNG")._tag, "Right");
 * assertEquals(endingIn([".svg", ".png"], "map.jpg")._tag, "Left");
 * ```
 */
export function endingIn(endings: readonly string[], path: string): Either<UnwritableFile, void> {
  if (endings.includes(extname(path).toLowerCase())) return Either.right(undefined);
  const expected = endings.join(" or ");
  return Either.left({ _tag: "UnwritableFile", path, reason: `expected a name that ends in ${expected}` });
}
