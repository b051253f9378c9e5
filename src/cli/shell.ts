/**
 * The shell that a command was typed in: which folder it is in, and how it spells this program.
 *
 * `deno task` runs its command in the folder of `deno.json`. The tasks of this repository therefore hand on the shell's
 * folder, as `MOCO_TASK_FOLDER`. It is a variable of our own because npm sets `INIT_CWD` too: in a script of npm, that
 * is not the folder that an installed `moco` was started in.
 *
 * @module
 */
import about from "../../deno.json" with { type: "json" };
import { fileURLToPath } from "node:url";
import { printableLine } from "../core/printable.ts";

const variable = "MOCO_TASK_FOLDER";

/** The folder of the shell that the task was started from; undefined where no task started the program. */
function taskFolder(): string | undefined {
  // Without the permission nothing is known, and the error that needs it most is that about permissions.
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted" ? Deno.env.get(variable) : undefined;
}

/** Whether a task started the program, which then is its parent. */
export function startedByTask(): boolean {
  return taskFolder() !== undefined;
}

/**
 * This program as the user types it: `moco` where it is installed, `deno task moco` where a task started it. Outside of
 * the repository, `deno task` must be told where to find the task.
 */
export function invokedAs(): string {
  const folder = taskFolder();
  if (folder === undefined) return "moco";
  const repository = fileURLToPath(new URL("../../", import.meta.url));
  if (`${folder}/`.startsWith(repository)) return "deno task moco";
  return `deno task --config ${quoted(`${repository}deno.json`)} moco`;
}

/** A command of this program with its arguments, as the user's shell takes it. */
export function typed(...args: readonly string[]): string {
  return [invokedAs(), ...args.map(quoted)].join(" ");
}

/**
 * This program again, with the same permissions and arguments.
 *
 * @param left Options with one value, which are left out.
 */
export function programWithout(...left: readonly string[]): readonly [program: string, ...args: string[]] {
  const permissions = about.tasks.moco.match(/ (run .*) \S+$/)![1].split(" ");
  const args = Deno.args.filter((argument, place) =>
    !left.some((option) => argument === option || argument.startsWith(`${option}=`) || Deno.args[place - 1] === option)
  );
  return ["deno", ...permissions, Deno.mainModule, ...args];
}

/** An argument as a shell takes it, on one line. */
export function quoted(argument: string): string {
  if (/^[\w./:=,@-]+$/.test(argument)) return argument;
  const escaped = JSON.stringify(argument).slice(1, -1); // a line break is \n, which a shell reads within $'...'
  if (printableLine(argument) !== argument) return `$'${escaped.replaceAll("'", "\\'")}'`;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** Goes to the folder of the shell, so that relative paths count from there. */
export function enterShellFolder(): void {
  const folder = taskFolder();
  if (folder !== undefined) Deno.chdir(folder);
}
