/**
 * Where a function runs. There are two eager contexts: in one, an op spreads over all cores; in the other it takes a
 * single thread, and only different ops run side by side. Tensors and functions belong to both.
 *
 * @module
 */
import type { Pointer } from "./c_api.ts";
import { check, newContext, runtime } from "./runtime.ts";
import { integerField } from "./protobuf.ts";

/** How many threads an op takes. */
export type Threads = "all" | "one";

/** ConfigProto.intra_op_parallelism_threads = 1. */
const oneThread = integerField(2, 1);

/** The threads over which an op spreads: one for each core, unless the environment says otherwise. */
export function threadsOfAll(): number {
  return Number(Deno.env.get("TF_NUM_INTRAOP_THREADS")) || navigator.hardwareConcurrency;
}

const functions: Pointer[] = [];
let single: Pointer | undefined;

/** Adds a function, which is kept from then on. */
export function addFunction(made: Pointer): void {
  functions.push(made);
  addTo(runtime().context, made);
  if (single !== undefined) addTo(single, made);
}

/** The context whose ops take so many threads. */
export function contextOf(threads: Threads): Pointer {
  return threads === "all" ? runtime().context : single ??= startSingle();
}

/** The contexts that there are by now. */
export function contexts(): readonly Pointer[] {
  return [runtime().context, ...(single === undefined ? [] : [single])];
}

function startSingle(): Pointer {
  const { C, status } = runtime();
  const context = newContext(C, status, oneThread);
  functions.forEach((made) => addTo(context, made));
  return context;
}

function addTo(context: Pointer, made: Pointer): void {
  const { C, status } = runtime();
  C.TFE_ContextAddFunction(context, made, status);
  check(() => "add a traced function");
}
