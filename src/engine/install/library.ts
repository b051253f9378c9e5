/**
 * Finds the native library, and installs it if it is not there yet.
 *
 * @module
 */
import { cacheFolder } from "./cache.ts";
import { EngineError } from "./errors.ts";
import { install } from "./install.ts";
import { loadMarked } from "./loading.ts";
import { damagedFiles, findDamage, readManifest } from "./manifest.ts";
import { type Build, buildFor, thisPlatform } from "./platform.ts";
import { tensorflowVersion } from "./wheels.ts";

/** Where the native library lies. */
export type LibraryLocation = {
  /** The two libraries, to be opened in this order. */
  readonly framework: string;
  readonly library: string;
  /** What decided the place: the variable `MOCO_TENSORFLOW`, or the engine's cache folder. */
  readonly source: "MOCO_TENSORFLOW" | "cache";
};

/**
 * The native library: in the folder that `MOCO_TENSORFLOW` names, else in the engine's cache folder, where the first
 * call installs it through pip.
 *
 * @throws EngineError if it is not there and cannot be installed, in one sentence with the way out.
 */
export function findLibrary(): LibraryLocation {
  const chosen = chosenFolder();
  return chosen ? inFolder(chosen) : installed(wantedInstallation());
}

/**
 * Finds the native library and has it loaded. If an earlier process died while it loaded the installed library, the
 * files are first checked against their digests, and installed again if they are damaged.
 *
 * @param load Loads the two libraries.
 * @throws EngineError if it is not there and cannot be installed. What `load` throws is passed on.
 */
export function loadLibrary<T>(load: (location: LibraryLocation) => T): T {
  const chosen = chosenFolder();
  if (chosen) return load(inFolder(chosen));
  const wanted = wantedInstallation();
  const location = installed(wanted);
  const suspect = () => {
    console.error("An earlier start ended while TensorFlow was loading: checking its files");
    install(wanted.root, wanted.name, wanted.build, true);
  };
  return loadMarked(`${wanted.folder}.loading`, suspect, () => load(location));
}

/** What a check of the installed library found. */
export type Verified = {
  readonly folder: string;
  /** The wheels that its files come from. */
  readonly wheels: readonly string[];
  /** How many files were checked. */
  readonly files: number;
};

/**
 * Checks each file of the installed library against the SHA-256 that it had when it was installed.
 *
 * @throws EngineError if a file differs, if nothing is installed, or if `MOCO_TENSORFLOW` chooses the library, since no
 *   digests of those files are known.
 */
export function verifyLibrary(): Verified {
  refuseChosen("verify");
  const { folder } = wantedInstallation();
  const manifest = readManifest(folder);
  if (manifest === undefined) {
    throw new EngineError(
      "installation",
      `Cannot verify the engine: expected a whole installation in ${folder}, found none; ` +
        "`moco engine --repair` makes one",
    );
  }
  const damaged = damagedFiles(folder, manifest);
  if (damaged.length > 0) {
    throw new EngineError(
      "library",
      `Cannot verify the engine: ${damaged.join(", ")} in ${folder} is not what was installed there; ` +
        "`moco engine --repair` installs it again",
    );
  }
  return { folder, wheels: manifest.wheels, files: Object.keys(manifest.files).length };
}

/**
 * Repairs the installed library: if a file is missing or its SHA-256 differs, everything is installed again.
 *
 * @throws EngineError if that cannot be done, or if `MOCO_TENSORFLOW` chooses the library.
 */
export function repairLibrary(): Verified {
  refuseChosen("repair");
  const { root, name, folder, build } = wantedInstallation();
  const manifest = install(root, name, build, true);
  return { folder, wheels: manifest.wheels, files: Object.keys(manifest.files).length };
}

/** The folder that the user chose, if any. */
function chosenFolder(): string | undefined {
  return Deno.env.get("MOCO_TENSORFLOW") || undefined;
}

function refuseChosen(verb: string): void {
  const chosen = chosenFolder();
  if (chosen === undefined) return;
  throw new EngineError(
    "library",
    `Cannot ${verb} the engine: MOCO_TENSORFLOW=${chosen} names a folder of your own, whose digests are not known; ` +
      `unset it to ${verb} the installed one`,
  );
}

/** Which build belongs on this machine, and where. */
type Installation = {
  readonly root: string;
  readonly name: string;
  readonly folder: string;
  readonly build: Build;
};

function wantedInstallation(): Installation {
  const platform = thisPlatform();
  const build = buildFor(platform);
  const root = `${cacheFolder()}/engine`;
  // Machines of several kinds may share a cache. On Linux x86-64 the folder is called as before there were others.
  const kind = platform.os === "linux" && platform.arch === "x86_64" ? "" : `-${platform.os}-${platform.arch}`;
  const name = `tensorflow-${tensorflowVersion}-${build.variant}${kind}`;
  return { root, name, folder: `${root}/${name}`, build };
}

/** Where the installed libraries are, after installing them if need be. */
function installed({ root, name, folder, build }: Installation): LibraryLocation {
  const manifest = readManifest(folder);
  if (manifest === undefined || findDamage(folder, manifest).length > 0) install(root, name, build);
  return { ...paths(`${folder}/tensorflow`, build), source: "cache" };
}

function inFolder(folder: string): LibraryLocation {
  const names = Deno.build.os === "darwin"
    ? { framework: "libtensorflow_framework.2.dylib", library: "libtensorflow_cc.2.dylib" }
    : { framework: "libtensorflow_framework.so.2", library: "libtensorflow_cc.so.2" };
  let present: string[];
  try {
    present = [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw wrong(folder, error instanceof Deno.errors.NotFound ? "no such folder" : "something else than a folder");
  }
  const missing = Object.values(names).filter((name) => !present.includes(name));
  if (missing.length > 0) {
    const found = present.filter((name) => name.startsWith("libtensorflow")).sort();
    throw wrong(folder, found.length > 0 ? found.join(", ") : `${present.length} files and none of them`);
  }
  return { ...paths(folder, names), source: "MOCO_TENSORFLOW" };
}

function paths(folder: string, names: Pick<Build, "framework" | "library">): Omit<LibraryLocation, "source"> {
  return { framework: `${folder}/${names.framework}`, library: `${folder}/${names.library}` };
}

function wrong(folder: string, found: string): EngineError {
  return new EngineError(
    "library",
    `Cannot use MOCO_TENSORFLOW=${folder}: expected a folder that holds TensorFlow ${tensorflowVersion}'s libraries ` +
      `(libtensorflow_cc and libtensorflow_framework), found ${found}; unset it to have them installed`,
  );
}
