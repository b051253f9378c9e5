/**
 * Notices that an earlier process died while it loaded the library. If a library is damaged, the loader ends the
 * process without a message, so only the next start can tell.
 *
 * @module
 */

/**
 * Loads the library and leaves a mark while it does so. If it finds the mark of a process that died, it calls `suspect`
 * first.
 *
 * Nothing is noticed if the mark cannot be written, or if another process is loading at the same time.
 *
 * @param mark The file that serves as the mark: one byte long while a process loads, empty otherwise.
 * @param suspect Checks what is loaded, and repairs it.
 * @param load Loads it.
 */
export function loadMarked<T>(mark: string, suspect: () => void, load: () => T): T {
  using file = openAlone(mark);
  if (file === undefined) return load();
  if (file.statSync().size > 0) suspect();
  try {
    file.writeSync(Uint8Array.of(1));
  } catch {
    return load(); // a full disk is no reason not to load
  }
  const loaded = load();
  file.truncateSync(0);
  return loaded;
}

/** Opens a file and takes its lock, which the system releases when the process dies. */
function openAlone(path: string): Deno.FsFile | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true, create: true });
  } catch {
    return undefined; // the folder cannot be written
  }
  if (file.tryLockSync(true)) return file;
  file.close();
  return undefined;
}
