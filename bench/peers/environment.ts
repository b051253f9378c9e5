/**
 * The Python environment of the peers: made once, outside of the repository.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../src/engine/install/cache.ts";
import { findPython } from "../../src/engine/install/python.ts";

/**
 * The Python that has what `requirements.txt` names.
 *
 * @param given An environment that has it already; it is taken as it is.
 */
export async function peerPython(given: string | undefined): Promise<string> {
  if (given !== undefined) return join(given, "bin", "python");
  const folder = join(cacheFolder(), "peers");
  const python = join(folder, "bin", "python");
  const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
  const wanted = Deno.readTextFileSync(requirements);
  const installed = join(folder, "requirements.txt"); // written last: the environment is whole
  if (readIfThere(installed) === wanted) return python;
  console.error(`Installing the peers into ${folder}`);
  await runOrThrow(findPython().command, ["-m", "venv", "--clear", folder]);
  await runOrThrow(python, ["-m", "pip", "install", "--requirement", requirements]);
  Deno.writeTextFileSync(installed, wanted);
  return python;
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function runOrThrow(program: string, args: string[]): Promise<void> {
  // Standard output belongs to the results.
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  await child.stdout.pipeTo(Deno.stderr.writable, { preventClose: true });
  const { code } = await child.status;
  if (code !== 0) throw new Error(`Cannot prepare the peers: ${args.slice(0, 3).join(" ")} failed with code ${code}`);
}
