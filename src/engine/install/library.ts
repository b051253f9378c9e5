/**
 * Finds the native library, and installs it where it is not there yet.
 *
 * @module
 */
import { cacheFolder } from "./cache.ts";
import { EngineError } from "./errors.ts";
import { install, readManifest } from "./install.ts";
import { type Build, buildFor, tensorflowVersion, thisPlatform } from "./platform.ts";

/** Where the native library lies. */
export type LibraryLocation = {
  /** The two libraries, to be opened in this order. */
  readonly framework: string;
  readonly library: string;
  /** What decided it: the variable `MOCO_TENSORFLOW`, or the engine's cache folder. */
  readonly source: "MOCO_TENSORFLOW" | "cache";
};

/**
 * The native library: in the folder that `MOCO_TENSORFLOW` names, else in the engine's cache folder, where the first
 * call installs it through pip.
 *
 * @throws EngineError where it is not there and cannot be installed, in one sentence with the way out.
 */
export function findLibrary(): LibraryLocation {
  const chosen = Deno.env.get("MOCO_TENSORFLOW");
  if (chosen) return inFolder(chosen);
  const build = buildFor(thisPlatform());
  const root = `${cacheFolder()}/engine`;
  const name = `tensorflow-${tensorflowVersion}-${build.variant}`;
  if (readManifest(`${root}/${name}`) === undefined) install(root, name, build);
  return { ...paths(`${root}/${name}/tensorflow`, build), source: "cache" };
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
