/** Temporary stub of the lead's: the install helper replaces this file. Keep `framework` and `library`. */
export type LibraryLocation = { readonly framework: string; readonly library: string };

/** The native library. */
export function findLibrary(): LibraryLocation {
  const folder = Deno.env.get("MOCO_TENSORFLOW")!;
  return { framework: `${folder}/libtensorflow_framework.so.2`, library: `${folder}/libtensorflow_cc.so.2` };
}
