/**
 * What an installed folder says about itself, and whether its files are unchanged since they were installed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Variant } from "./platform.ts";
import { tensorflowVersion } from "./wheels.ts";

/** What is installed, in the folder's `manifest.json`. Paths are within the folder. */
export type Manifest = {
  readonly tensorflow: string;
  readonly variant: Variant;
  /** The wheels that the files come from. */
  readonly wheels: readonly string[];
  /** Sizes in bytes, by path. */
  readonly files: Readonly<Record<string, number>>;
  /** SHA-256 of the files in hexadecimal, by path. */
  readonly sha256: Readonly<Record<string, string>>;
  /**
   * When the files were last changed, by path, in whole seconds, which is the precision that archives and container
   * images keep.
   */
  readonly modified: Readonly<Record<string, number>>;
};

/** The manifest's name in its folder. */
export const manifestName = "manifest.json";

/** The folder's manifest if every file that it lists exists and has the right size, else undefined. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(Deno.readTextFileSync(`${folder}/${manifestName}`)) as Manifest;
    const whole = manifest.tensorflow === tensorflowVersion &&
      Object.entries(manifest.files).every(([path, size]) =>
        manifest.sha256[path] !== undefined && manifest.modified[path] !== undefined &&
        Deno.statSync(`${folder}/${path}`).size === size
      );
    return whole ? manifest : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
}

/** Writes the manifest of the files that are now in the folder. */
export function writeManifest(folder: string, of: Pick<Manifest, "tensorflow" | "variant" | "wheels">): Manifest {
  const paths = listFiles(folder);
  const byPath = <T>(value: (path: string) => T): Record<string, T> =>
    Object.fromEntries(paths.map((path) => [path, value(path)]));
  const manifest: Manifest = {
    ...of,
    files: byPath((path) => Deno.statSync(`${folder}/${path}`).size),
    sha256: byPath((path) => sha256(`${folder}/${path}`)),
    modified: byPath((path) => modified(`${folder}/${path}`)),
  };
  Deno.writeTextFileSync(`${folder}/${manifestName}`, text(manifest));
  return manifest;
}

/**
 * The files that differ from what was installed. A file whose modification time is unchanged is trusted, because
 * reading 0.9 GB takes seconds, which no start should cost. If one was changed, or if `suspect` says that something is
 * wrong, the digests decide.
 *
 * @returns Their paths; none if the folder is sound.
 */
export function findDamage(folder: string, manifest: Manifest, suspect = false): readonly string[] {
  const changed = Object.entries(manifest.modified).some(([path, time]) => modified(`${folder}/${path}`) !== time);
  if (!changed && !suspect) return [];
  const damaged = damagedFiles(folder, manifest);
  if (changed && damaged.length === 0) rememberTimes(folder, manifest);
  return damaged;
}

/** The files that are missing, or whose digest differs from the one at installation. */
export function damagedFiles(folder: string, manifest: Manifest): readonly string[] {
  return Object.entries(manifest.sha256)
    .filter(([path, digest]) => {
      try {
        return sha256(`${folder}/${path}`) !== digest;
      } catch (error) {
        if (error instanceof Deno.errors.NotCapable) throw error;
        return true; // a file that cannot be read is no better than a damaged one
      }
    })
    .map(([path]) => path);
}

/** Records when the files were changed, so that the next start does not read them all again. */
function rememberTimes(folder: string, manifest: Manifest): void {
  const times = Object.keys(manifest.modified).map((path) => [path, modified(`${folder}/${path}`)]);
  const file = `${folder}/${manifestName}`;
  try {
    Deno.writeTextFileSync(`${file}.new`, text({ ...manifest, modified: Object.fromEntries(times) }));
    Deno.renameSync(`${file}.new`, file);
  } catch {
    // If the folder cannot be written, every start reads it again.
  }
}

function text(manifest: Manifest): string {
  return JSON.stringify(manifest, undefined, 2) + "\n";
}

/** When a file was last changed, in whole seconds since 1970. */
function modified(path: string): number {
  return Math.trunc((Deno.statSync(path).mtime?.getTime() ?? 0) / 1000);
}

function sha256(path: string): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const part = new Uint8Array(1 << 20);
  for (let read = file.readSync(part); read !== null; read = file.readSync(part)) hash.update(part.subarray(0, read));
  return hash.digest("hex");
}

/** The paths of all files in a folder and its subfolders, except the manifest. */
function listFiles(folder: string, within = ""): readonly string[] {
  return [...Deno.readDirSync(`${folder}/${within}`)]
    .flatMap(({ name, isDirectory }) => isDirectory ? listFiles(folder, `${within}${name}/`) : [within + name])
    .filter((path) => path !== manifestName)
    .sort();
}
