/**
 * fp-ts, module by module, because the package's root does not load in Deno but its `lib/` does.
 *
 * @module
 */
export * as Either from "npm:fp-ts@2.16.11/lib/Either.js";
export { pipe } from "npm:fp-ts@2.16.11/lib/function.js";
export * as ReadonlyArray from "npm:fp-ts@2.16.11/lib/ReadonlyArray.js";
export * as TaskEither from "npm:fp-ts@2.16.11/lib/TaskEither.js";
