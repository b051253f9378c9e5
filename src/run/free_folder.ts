import { resolve } from "node:path";

/** The first of `name`, `name-2`, `name-3` and so on that is not there, absolute. */
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
