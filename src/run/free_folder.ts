import { resolve } from "node:path";

/** The absolute path of the first of `name`, `name-2`, `name-3` and so on that does not exist. */
export async function freeFolder(name: string): Promise<string> {
  for (let number = 1;; number++) {
    const folder = resolve(number === 1 ? name : `${name}-${number}`);
    try {
      await Deno.stat(folder);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return folder;
      throw error;
    }
  }
}
