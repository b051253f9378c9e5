/**
 * Finds the native library in a process of its own and says what came of it, as one line of JSON. An argument asks for
 * something else: `die` ends the process while the library loads, `load` loads it, `verify` checks the installed files,
 * `python` only asks Python, which has half a second to answer.
 *
 * @module
 */
import { EngineError } from "../../src/engine/install/errors.ts";
import { findLibrary, loadLibrary, verifyLibrary } from "../../src/engine/install/library.ts";
import { findPython } from "../../src/engine/install/python.ts";

const ways: Readonly<Record<string, () => unknown>> = {
  find: findLibrary,
  die: () => loadLibrary(() => Deno.exit(127)),
  load: () => loadLibrary((location) => location),
  verify: verifyLibrary,
  python: () => findPython(500),
};

try {
  console.log(JSON.stringify({ found: ways[Deno.args[0] ?? "find"]() }));
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  console.log(JSON.stringify({ kind: error.kind, sentence: error.message }));
}
