/**
 * Installs the native library from TensorFlow's Python wheels. The installed folder appears whole, by one rename, or
 * not at all.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { EngineError } from "./errors.ts";
import { findDamage, type Manifest, manifestName, readManifest, writeManifest } from "./manifest.ts";
import type { Build, Variant } from "./platform.ts";
import { findPython, type Python, runPip, unpackWheel } from "./python.ts";
import { requirement, tensorflowVersion } from "./wheels.ts";

const stagingPrefix = ".installing-";

/** Bytes that an installation needs at its peak, rounded up: the wheels and what is unpacked from them. */
const needed: Record<Variant, number> = { cpu: 1.8e9, cuda: 10e9 };
const sizes: Record<Variant, string> = {
  cpu: "about 280 MB to download, 0.9 GB on disk",
  cuda: "about 3.4 GB to download, 5.7 GB on disk",
};

/**
 * Makes `root/name` hold a build of TensorFlow. If two processes start at once, one installs and the other waits.
 *
 * @param root The folder of all builds.
 * @param name The build's folder.
 * @param build The build.
 * @param suspect Whether to check the digests of the existing files in any case.
 * @throws EngineError if it cannot be installed, in one sentence with the way out.
 */
export function install(root: string, name: string, build: Build, suspect = false): Manifest {
  const folder = `${root}/${name}`;
  const lock = openLock(root);
  try {
    const made = readManifest(folder);
    if (made !== undefined) {
      const damaged = findDamage(folder, made, suspect);
      if (damaged.length === 0) return made; // by the process that we waited for
      console.error(`The engine is damaged: ${damaged.join(", ")} in ${folder} is not what was installed there`);
    }
    removeLeftovers(root);
    checkSpace(root, build.variant);
    const python = findPython();
    const staging = Deno.makeTempDirSync({ dir: root, prefix: stagingPrefix });
    try {
      console.error(`Installing TensorFlow ${tensorflowVersion} (${build.variant}) once: ${sizes[build.variant]}`);
      const started = performance.now();
      const manifest = fill(staging, build, python);
      if (exists(folder)) Deno.renameSync(folder, `${staging}/damaged`);
      Deno.renameSync(`${staging}/engine`, folder);
      syncFolder(root);
      console.error(`Installed ${folder} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
      return manifest;
    } finally {
      remove(staging);
    }
  } catch (error) {
    throw explain(error, root);
  } finally {
    lock.close();
  }
}

/** Downloads the wheels, and unpacks the files that the engine needs into `staging/engine`. */
function fill(staging: string, build: Build, python: Python): Manifest {
  const wheels = `${staging}/wheels`;
  const engine = `${staging}/engine`;
  Deno.mkdirSync(wheels);
  Deno.mkdirSync(engine);
  download(python, staging, wheels, build);
  const names = [...Deno.readDirSync(wheels)].map(({ name }) => name).sort();
  for (const name of names) {
    const problem = unpackWheel(python, `${wheels}/${name}`, engine, wanted);
    if (problem !== undefined) {
      throw new EngineError(
        "installation",
        isFull(problem)
          ? `Cannot install the engine: ${noSpace}`
          : `Cannot unpack ${name}: ${problem}; run the command again`,
      );
    }
    Deno.removeSync(`${wheels}/${name}`);
  }
  const manifest = writeManifest(engine, { tensorflow: tensorflowVersion, variant: build.variant, wheels: names });
  for (const file of [build.framework, build.library]) {
    if (manifest.files[`tensorflow/${file}`] === undefined) {
      throw new EngineError(
        "library",
        `Cannot install the engine: ${names.join(", ")} holds no tensorflow/${file}; ` +
          `set MOCO_TENSORFLOW to a folder that holds it`,
      );
    }
  }
  for (const file of [...Object.keys(manifest.files), manifestName]) syncFile(`${engine}/${file}`);
  return manifest;
}

/** What is taken out of the wheels: the libraries, and the licences of everything in them. */
const wanted = new RegExp(
  [
    "^tensorflow/(libtensorflow_(cc|framework)\\.|THIRD_PARTY_NOTICES|include/LICENSE$)",
    "^nvidia/(?!.*/include/)",
    "^[^/]+\\.dist-info/(METADATA$|.*[Ll][Ii][Cc][Ee][Nn][Ss][Ee])",
  ].join("|"),
);

/** CPython versions for which there are wheels. The libraries in them are the same. */
const newestPython: readonly [number, number] = [3, 13];
const oldestPython: readonly [number, number] = [3, 10];

function download(python: Python, staging: string, wheels: string, build: Build) {
  // Given digests, pip accepts only a wheel that has one of them, whatever else its indexes offer under that name.
  const requirements = `${staging}/requirements.txt`;
  Deno.writeTextFileSync(requirements, build.packages.map((pinned) => requirement(pinned) + "\n").join(""));
  const common = ["download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    .concat(["--dest", wheels, "--requirement", requirements]);
  const [major, minor] = python.version;
  const supported = python.implementation === "cpython" && major === 3 && minor >= oldestPython[1] &&
    minor <= newestPython[1];
  // No Python runs the library, so wheels for another Python do as well.
  const foreign = ["--implementation", "cp", "--python-version", "3.12", "--abi", "cp312"]
    .concat(build.tags.flatMap((tag) => ["--platform", tag]));
  let outcome = runPip(python, staging, supported ? common : [...common, ...foreign]);
  if (!outcome.success && supported && isMissing(outcome.log)) {
    outcome = runPip(python, staging, [...common, ...foreign]);
  }
  if (!outcome.success) {
    const [first, ...others] = build.packages;
    const more = others.length === 0 ? "" : ` and ${others.length} packages of NVIDIA's`;
    throw new EngineError("installation", explainPip(outcome.log, `${first.name}==${first.version}${more}`));
  }
}

function isMissing(log: string): boolean {
  return /No matching distribution found|Could not find a version/.test(log) && !isUnreachable(log);
}

/** What pip says where it does not reach the registry. */
const unreachable: readonly string[] = [
  "NewConnectionError",
  "NameResolutionError",
  "Max retries exceeded",
  "connection broken by",
  "ConnectTimeout",
  "ProxyError",
  "SSLError",
];

function isUnreachable(log: string): boolean {
  return unreachable.some((words) => log.includes(words));
}

/** What went wrong, according to pip's log, and the way out. */
function explainPip(log: string, what: string): string {
  const begin = `Cannot install the engine: `;
  if (isFull(log)) return begin + noSpace;
  if (/DO NOT MATCH THE HASHES/.test(log)) {
    return `${begin}pip found another file than the one that is pinned for ${what}, so it is damaged or forged and ` +
      `was not opened; run the command again, or see where pip looks (pip config list, PIP_INDEX_URL, PIP_FIND_LINKS)`;
  }
  if (isUnreachable(log)) {
    return `${begin}pip cannot reach the package index for ${what}; connect to the network, or point pip at a mirror ` +
      `(PIP_INDEX_URL), or set MOCO_TENSORFLOW to a folder that holds TensorFlow's libraries`;
  }
  if (isMissing(log)) {
    return `${begin}pip's package index has no ${what} for this machine; point pip at a full one (PIP_INDEX_URL), ` +
      `or update pip, or set MOCO_TENSORFLOW to a folder that holds TensorFlow's libraries`;
  }
  const last = log.split("\n").filter((line) => line.includes("ERROR")).at(-1)?.replace(/^.*?ERROR:?\s*/, "");
  return `${begin}pip cannot download ${what} (${last ?? "it stopped without a word"}); ` +
    `see its output above, or set MOCO_TENSORFLOW to a folder that holds TensorFlow's libraries`;
}

const noSpace = "no space is left on the disk; free some, or set MOCO_CACHE to a folder with room";

function isFull(message: string): boolean {
  return /No space left|ENOSPC|os error 28|quota exceeded/i.test(message);
}

function checkSpace(root: string, variant: Variant): void {
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(root);
    free = bavail * bsize;
  } catch {
    return; // not told: the disk itself will say
  }
  if (free < needed[variant]) {
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
    throw new EngineError(
      "installation",
      `Cannot install the engine: it needs ${gigabytes(needed[variant])} of disk and ${root} has ${gigabytes(free)}; ` +
        `free some, or set MOCO_CACHE to a folder with room`,
    );
  }
}

/** Makes the folder and takes its lock, which the system releases when the process ends, however it ends. */
function openLock(root: string): Deno.FsFile {
  try {
    Deno.mkdirSync(root, { recursive: true });
    const lock = Deno.openSync(`${root}/install.lock`, { write: true, create: true });
    if (!lock.tryLockSync(true)) {
      console.error("Another process is installing the engine: waiting for it");
      lock.lockSync(true);
    }
    return lock;
  } catch (error) {
    throw explain(error, root);
  }
}

function explain(error: unknown, root: string): unknown {
  if (error instanceof EngineError || !(error instanceof Error)) return error;
  const reason = isFull(error.message)
    ? noSpace
    : `${root} cannot be written (${error.message}); set MOCO_CACHE to a folder that can`;
  return new EngineError("installation", `Cannot install the engine: ${reason}`);
}

/**
 * Removes what interrupted installations left behind. Called with the lock held, so no other installation is running.
 */
function removeLeftovers(root: string): void {
  for (const { name } of Deno.readDirSync(root)) if (name.startsWith(stagingPrefix)) remove(`${root}/${name}`);
}

function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // The next installation tries again.
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function syncFile(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  file.syncSync();
}

function syncFolder(path: string): void {
  try {
    using folder = Deno.openSync(path);
    folder.syncSync();
  } catch {
    // Not every system opens folders; the rename is atomic all the same.
  }
}
