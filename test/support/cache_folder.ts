/**
 * A cache folder for a part of a test.
 *
 * @module
 */

/** Runs `f` while `MOCO_CACHE` names a folder. */
export async function withCache<T>(folder: string, f: () => T | Promise<T>): Promise<T> {
  const before = Deno.env.get("MOCO_CACHE");
  Deno.env.set("MOCO_CACHE", folder);
  try {
    return await f();
  } finally {
    if (before === undefined) Deno.env.delete("MOCO_CACHE");
    else Deno.env.set("MOCO_CACHE", before);
  }
}
