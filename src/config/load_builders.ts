import type { Variants } from "../core/declare.ts";

/**
 * Imports what builds each of some variants.
 *
 * @typeParam B How one is built. A variant's builder takes that variant's own settings: whoever calls it has found it
 *   by their name.
 */
export async function loadBuilders<B>(variants: Variants): Promise<Readonly<Record<string, B>>> {
  const loaded = Object.entries(variants).map(async ([name, { load }]) => [name, await load() as B] as const);
  return Object.fromEntries(await Promise.all(loaded));
}
