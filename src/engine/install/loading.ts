/**
 * Notices that the process died while it loaded the library. The loader ends the process itself, without a word, where
 * a library is damaged, so only the next start can tell.
 *
 * @module
 */

/**
 * Loads the library and leaves a mark for as long as that takes. Where the mark of a process is found that died,
 * `suspect` is called first.
 *
 * Where the mark cannot be left, and where another process is loading at the same time, nothing is noticed.
 *
 * @param mark The file that is the mark: of one byte while a process loads, empty otherwise.
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

/** Opens a file and takes its lock, which the system gives back when the process dies. */
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
