/**
 * Packages whose names are not known before the program runs.
 *
 * @module
 */

/**
 * Fetches the `package.json` of an npm package into Deno's cache, where the rest of the package then lies beside it.
 *
 * @param name The package.
 * @param version Its version, in full.
 * @returns The file's URL: once a package is in the cache, its specifiers resolve to files.
 */
export async function fetchedPackage(name: string, version: string): Promise<string> {
  // `npm:/` stands at the beginning for `deno publish`, which warns of an import whose registry it cannot read.
  await import(`npm:/${name}@${version}/package.json`, { with: { type: "json" } });
  return import.meta.resolve(`npm:/${name}@${version}/package.json`);
}
