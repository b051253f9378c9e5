/**
 * Deno as it is used outside of this repository: real processes in folders of their own.
 *
 * @module
 */
import { delimiter, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileOf, onLoopback } from "./loopback.ts";

/** The folder of this repository. */
export const repository: string = fileURLToPath(new URL("../../", import.meta.url));

/** What a process left. */
export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Where a process runs, and the variables that it has beside those of a user's shell. */
export type Place = { readonly folder: string; readonly env?: Readonly<Record<string, string>> };

/** Runs a program in a folder, with the environment of a shell that no task started. */
export async function runIn({ folder, env }: Place, program: string, ...args: readonly string[]): Promise<Ran> {
  const { INIT_CWD: _, MOCO_TASK_FOLDER: __, ...shell } = Deno.env.toObject();
  const path = [dirname(Deno.execPath()), shell.PATH].join(delimiter);
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: folder,
    clearEnv: true,
    env: { ...shell, PATH: path, NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** What a program prints; throws what it said where it failed. */
export async function printed(place: Place, program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runIn(place, program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}

/** Serves this repository's modules on loopback while `f` runs with their address. */
export async function served<T>(f: (address: string) => Promise<T>): Promise<T> {
  const types: Readonly<Record<string, string>> = { ".ts": "application/typescript", ".json": "application/json" };
  return await onLoopback(async ({ url }) => {
    const { pathname } = new URL(url);
    const type = types[extname(pathname)];
    if (type === undefined) return new Response("Not a module", { status: 404 });
    return await fileOf(join(repository, pathname), type);
  }, f);
}

/**
 * Runs `f` with a new cache folder for Deno, which holds the npm packages of the machine's one and nothing else:
 * modules of another test's address are not in it, and ours do not stay in the machine's.
 */
export async function withCache<T>(f: (denoDir: string) => Promise<T>): Promise<T> {
  const { npmCache } = JSON.parse(await printed({ folder: repository }, Deno.execPath(), "info", "--json"));
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(npmCache, { recursive: true });
    await Deno.symlink(npmCache, join(folder, "npm"));
    return await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
