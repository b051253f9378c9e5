/**
 * Runs the real program, as `deno task moco` does.
 *
 * @module
 */

const root = new URL("../../", import.meta.url);

/** What a run of the program left. */
export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `moco` with these arguments. */
export async function moco(...args: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...await permissions(), new URL("src/cli/main.ts", root).pathname, ...args],
    cwd: root,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // Deno itself says so on every start with permissions of the configuration file.
  const own = text(stderr).replace(/^Warning Permissions in the config file .*\n/m, "");
  return { code, stdout: text(stdout), stderr: own };
}

/** Runs `moco`, and throws what it said where it failed. */
export async function succeeds(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await moco(...args);
  if (code !== 0) throw new Error(`moco ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}

/** The permissions that the task gives, so that the tests see what a user sees. */
async function permissions(): Promise<readonly string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const task = tasks?.moco;
  const command: string | undefined = typeof task === "string" ? task : task?.command;
  const given = command?.split(/\s+/).filter((word) => word.startsWith("-")) ?? [];
  return given.length > 0 ? given : ["-A"];
}

/** A folder that is gone afterwards. */
export async function inFolder(f: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "moco-test-" });
  try {
    await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
