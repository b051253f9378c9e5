/**
 * Where downloads are kept from one run to the next.
 *
 * @module
 */
import { EngineError } from "./errors.ts";

/**
 * The folder for everything that is downloaded once. It is `MOCO_CACHE` if that is set, else `momentum-contrast` in the
 * user's cache folder (`XDG_CACHE_HOME`, `LOCALAPPDATA` on Windows, `~/.cache` otherwise). It is not created here.
 *
 * @returns An absolute path, or the relative one that `MOCO_CACHE` holds.
 * @throws EngineError if neither a cache folder nor a home folder is known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cacheFolder } from "./cache.ts";
 *
 * const variables: Record<string, string> = { HOME: "/home/ada" };
 * assertEquals(cacheFolder((name) => variables[name], "linux"), "/home/ada/.cache/momentum-contrast");
 * ```
 */
export function cacheFolder(
  /** Reads an environment variable. */
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
  /** The operating system. */
  os: typeof Deno.build.os = Deno.build.os,
): string {
  const chosen = variable("MOCO_CACHE");
  if (chosen) return chosen;
  const windows = os === "windows";
  const base = variable("XDG_CACHE_HOME") || (windows && variable("LOCALAPPDATA"));
  if (base) return windows ? `${base}\\momentum-contrast` : `${base}/momentum-contrast`;
  const home = variable("HOME") || variable("USERPROFILE");
  if (home) return windows ? `${home}\\.cache\\momentum-contrast` : `${home}/.cache/momentum-contrast`;
  throw new EngineError(
    "installation",
    "Cannot find a cache folder: expected HOME or XDG_CACHE_HOME to be set; set MOCO_CACHE to a folder",
  );
}
