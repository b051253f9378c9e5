/**
 * Packages whose names are not known before the program runs.
 *
 * @module
 */

/**
 * Fetches a file of an npm package into Deno's cache, where the rest of the package then lies beside it.
 *
 * @param name The package.
 * @param version Its version, in full.
 * @param isProgram Whether the file is the package's main module. Otherwise, and by default, it is its `package.json`.
 * @returns The file's URL. Once a package is in the cache, its specifiers resolve to files.
 */
export async function fetchedPackage(name: string, version: string, isProgram = false): Promise<string> {
  // `deno publish` warns about imports that it cannot resolve in the source: one that names no registry, and any
  // call of `import.meta.resolve` with a computed name.
  const { resolve } = import.meta;
  if (isProgram) {
    await import(`npm:/${name}@${version}`);
    return resolve(`npm:/${name}@${version}`);
  }
  await import(`npm:/${name}@${version}/package.json`, { with: { type: "json" } });
  return resolve(`npm:/${name}@${version}/package.json`);
}
