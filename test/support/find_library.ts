/**
 * Finds the native library in a process of its own and says what came of it, as one line of JSON.
 *
 * @module
 */
import { EngineError } from "../../src/engine/install/errors.ts";
import { findLibrary } from "../../src/engine/install/library.ts";

try {
  console.log(JSON.stringify({ found: findLibrary() }));
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  console.log(JSON.stringify({ kind: error.kind, sentence: error.message }));
}
