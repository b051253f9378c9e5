/**
 * The Python that fetches the engine. It downloads and unpacks wheels; the engine itself never runs Python.
 *
 * @module
 */
import { EngineError } from "./errors.ts";

/** A Python that has pip. */
export type Python = {
  readonly command: string;
  readonly implementation: string;
  /** [major, minor]. */
  readonly version: readonly [number, number];
};

const wayOut = "or set MOCO_TENSORFLOW to a folder that holds TensorFlow's libraries";

const probe = `
import sys
try:
    import pip
    found = "pip"
except ImportError:
    found = "no-pip"
print(found, sys.implementation.name, *sys.version_info[:2])
`;

/**
 * The first of `python3` and `python` that has pip.
 *
 * @throws EngineError where neither has.
 */
export function findPython(): Python {
  const commands = ["python3", "python"];
  const withoutPip: string[] = [];
  for (const command of commands) {
    const [found, implementation, major, minor] = ask(command);
    if (found === "pip") return { command, implementation, version: [Number(major), Number(minor)] };
    if (found === "no-pip") withoutPip.push(command);
  }
  const problem = withoutPip.length > 0
    ? `${withoutPip[0]} has no pip; install it (on Debian and Ubuntu: apt install python3-pip), or put a Python that ` +
      `has it first on PATH`
    : `found no Python (tried ${commands.join(" and ")}); install Python 3 with pip`;
  throw new EngineError("installation", `Cannot install the engine: ${problem}, ${wayOut}`);
}

function ask(command: string): string[] {
  try {
    const output = run(command, ["-c", probe], { stdout: "piped", stderr: "null" });
    return output.success ? new TextDecoder().decode(output.stdout).trim().split(/\s+/) : [];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return [];
    throw error;
  }
}

/** Runs pip, its output on our standard error. `folder` holds its temporary files and gets its log. */
export function runPip(python: Python, folder: string, args: readonly string[]): { success: boolean; log: string } {
  // Standard output belongs to the program's results.
  const script = "import os, runpy; os.dup2(2, 1); runpy.run_module('pip', run_name='__main__', alter_sys=True)";
  const logFile = `${folder}/pip.log`;
  const { success } = run(python.command, ["-c", script, ...args, "--log", logFile], {
    stdout: "inherit",
    stderr: "inherit",
    env: {
      TMPDIR: folder, // beside what it downloads: the system's own is often small
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PIP_NO_INPUT: "1",
      PIP_REQUIRE_VIRTUALENV: "0",
      PIP_ROOT_USER_ACTION: "ignore",
    },
  });
  return { success, log: readText(logFile) };
}

const unpackScript = `
import os, re, sys, zipfile
wheel, folder, wanted = sys.argv[1:]
try:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if re.search(wanted, member.filename) and not member.is_dir():
                path = archive.extract(member, folder)
                if member.external_attr >> 16 & 0o111:
                    os.chmod(path, 0o755)
except (OSError, zipfile.BadZipFile) as error:
    sys.exit(str(error))
`;

/** Unpacks the files of a wheel whose paths match `wanted`. Returns what went wrong, if anything did. */
export function unpackWheel(python: Python, wheel: string, folder: string, wanted: RegExp): string | undefined {
  const output = run(python.command, ["-c", unpackScript, wheel, folder, wanted.source], {
    stdout: "null",
    stderr: "piped",
  });
  return output.success ? undefined : new TextDecoder().decode(output.stderr).trim() || "it stopped without a word";
}

function run(command: string, args: readonly string[], options: Deno.CommandOptions): Deno.CommandOutput {
  let output;
  try {
    output = new Deno.Command(command, { ...options, args: [...args], stdin: "null" }).outputSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new EngineError(
      "installation",
      `Cannot install the engine: it may not run ${command}; allow it with --allow-run=${command}, ${wayOut}`,
    );
  }
  if (output.signal === "SIGINT" || output.signal === "SIGTERM") {
    throw new EngineError("installation", "Cannot install the engine: it was interrupted; the next run starts afresh");
  }
  return output;
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
