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
 * @returns The file's URL. Once a package is in the cache, its specifiers resolve to files.
 */
export async function fetchedPackage(name: string, version: string): Promise<string> {
  // `deno publish` warns about imports that it cannot resolve in the source: one that names no registry, and any
  // call of `import.meta.resolve` with a computed name.
  await import(`npm:/${name}@${version}/package.json`, { with: { type: "json" } });
  const { resolve } = import.meta;
  return resolve(`npm:/${name}@${version}/package.json`);
}
