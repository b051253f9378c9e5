/**
 * The engine's lowest floor: where TensorFlow's library is, and how it gets onto the machine.
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
