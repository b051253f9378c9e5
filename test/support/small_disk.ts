/** A disk of a few kilobytes, for tests that fill it. */
const run = async (...args: readonly string[]): Promise<boolean> => {
  try {
    return (await new Deno.Command(args[0], { args: args.slice(1), stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false; // no such program, or no permission to run it
  }
};

/** Runs `f` in a folder on a disk of so many KiB. False where this system does not let the program mount one. */
export async function onSmallDisk(kibibytes: number, f: (folder: string) => Promise<void>): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    if (!await run("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder)) return false;
    try {
      await f(folder);
    } finally {
      await run("umount", folder);
    }
    return true;
  } finally {
    await Deno.remove(folder);
  }
}

/** Whether {@linkcode onSmallDisk} can. */
export const canMount: boolean = await onSmallDisk(4, async () => {});

/** Makes the disk that {@linkcode onSmallDisk} gave read-only. */
export async function makeReadOnly(folder: string): Promise<void> {
  if (!await run("mount", "-o", "remount,ro", folder)) throw new Error(`${folder} cannot be made read-only`);
}

/** Fills the disk that a folder is on. */
export async function fillDisk(folder: string): Promise<void> {
  const file = await Deno.open(`${folder}/ballast`, { append: true, create: true });
  try {
    for (;;) await file.write(new Uint8Array(4096));
  } catch (thrown) {
    if ((thrown as { readonly code?: string }).code !== "ENOSPC") throw thrown;
  } finally {
    file.close();
  }
}
