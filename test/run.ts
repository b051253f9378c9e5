/**
 * Runs everything in `test/`, then the examples in the doc comments: `deno task test [arguments of deno test]`.
 *
 * The last line is `N passed, N failed`, with `, N skipped` where tests were skipped.
 *
 * @module
 */
import { findLibrary } from "../src/engine/install/library.ts";
import { findChromium } from "./support/find_chromium.ts";

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

const permissions = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-ffi",
  "--allow-env",
  "--allow-net=127.0.0.1",
  "--allow-sys=statfs",
  `--allow-run=${
    ["deno", Deno.execPath(), "python3", "python", "sh", "mount", "umount", findChromium() ?? []].flat().join(",")
  }`,
];

/**
 * The environment of a user's shell. `deno task` keeps an `INIT_CWD` that is set already, so without this a task that a
 * test starts would take this program's folder for that of its shell.
 */
const { INIT_CWD: _, ...environment } = Deno.env.toObject();

/** Where everything that is started here puts its temporary files; what it leaves there goes at the end. */
const temporary = await Deno.makeTempDir({ prefix: "moco-tests-" });

/** Runs `deno test`, passing its output on, and reads its summary. */
async function denoTest(...args: readonly string[]): Promise<Counts> {
  const child = new Deno.Command("deno", {
    args: ["test", "--no-check", "--no-lock", "--preload=./test/support/seed.ts", ...permissions, ...args],
    clearEnv: true,
    env: {
      ...environment,
      ...{ TMPDIR: temporary, TMP: temporary, TEMP: temporary },
      ...(Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" }),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let last = "";
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    last = (last + decoder.decode(chunk, { stream: true })).slice(-20_000);
  }
  const { success } = await child.status;
  // deno-lint-ignore no-control-regex -- colours
  const summary = last.replaceAll(/\x1b\[[0-9;]*m/g, "").match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1) ?? "";
  const count = (word: string) => Number(summary.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const failed = count("failed");
  return {
    passed: count("passed"),
    failed: success ? failed : Math.max(1, failed), // a module that does not load fails without a count
    skipped: count("ignored"),
  };
}

findLibrary(); // installs the engine now, outside of any test's time

const chosen = Deno.args;
const runs = chosen.length > 0 ? [await denoTest(...chosen)] : [
  await denoTest("test/"),
  await denoTest("--doc", "mod.ts", "src/", "reference/"),
];
await Deno.remove(temporary, { recursive: true }).catch((thrown) => {
  console.error(`Cannot remove ${temporary}: ${(thrown as Error).message}`); // a process that was left still writes
});
const total = (pick: (counts: Counts) => number) => runs.map(pick).reduce((sum, count) => sum + count, 0);
const [passed, failed, skipped] = [
  total((counts) => counts.passed),
  total((counts) => counts.failed),
  total((counts) => counts.skipped),
];
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
Deno.exit(failed === 0 && runs.every(({ passed }) => passed > 0) ? 0 : 1);
