/**
 * The engine's lowest floor: where TensorFlow's library lies, and how it comes onto the machine.
 *
 * @module
 */
export { cacheFolder } from "./cache.ts";
export { EngineError, type EngineErrorKind } from "./errors.ts";
export {
  findLibrary,
  type LibraryLocation,
  loadLibrary,
  repairLibrary,
  type Verified,
  verifyLibrary,
} from "./library.ts";
