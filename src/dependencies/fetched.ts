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
  // `deno publish` warns of what it cannot read in the source: an import that begins by no registry, and any call of
  // `import.meta.resolve` with a name that is put together.
  await import(`npm:/${name}@${version}/package.json`, { with: { type: "json" } });
  const { resolve } = import.meta;
  return resolve(`npm:/${name}@${version}/package.json`);
}
