/** Folders that storage systems, archivers and file systems create for themselves. */
const SERVICE_FOLDERS = ["@eaDir", "#recycle", "__MACOSX", "lost+found", "$RECYCLE.BIN", "System Volume Information"];

/** The kind of a folder whose images are nobody's photographs, in the plural; undefined for any other folder. */
export function leftOutFolder(name: string): string | undefined {
  if (SERVICE_FOLDERS.includes(name)) return `service folders (${name})`;
  return /^\.(?!\.?$)/.test(name) ? "hidden folders" : undefined;
}
