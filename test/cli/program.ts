/**
 * Runs the real program, as `deno task moco` does.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** What the task gives `deno`, so that the tests run with the permissions of a user: `run ... src/cli/main.ts`. */
export const taskArguments: readonly string[] = await argumentsOfTask();

/** What a run of the program left. */
export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `moco` with these arguments. */
export function moco(...args: readonly string[]): Promise<Ran> {
  return mocoFrom(fileURLToPath(root), ...args);
}

/** Runs `moco` as the task does that is started from a shell in `folder`. */
export async function mocoFrom(folder: string, ...args: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...taskArguments, ...args],
    cwd: root,
    env: { MOCO_TASK_FOLDER: folder },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs `moco`, and throws what it said where it failed. */
export async function succeeds(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await moco(...args);
  if (code !== 0) throw new Error(`moco ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}

async function argumentsOfTask(): Promise<readonly string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const [, command] = tasks.moco.match(/ deno (.*)$/);
  return command.split(" ");
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
