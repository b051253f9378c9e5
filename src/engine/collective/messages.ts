/**
 * Words between the members of a cluster, which its first member keeps; and whether a member is there.
 *
 * @module
 */
import { check, cString, encodeText, type Pointer, runtime, taskName } from "../native/mod.ts";

/**
 * Tells all members something. Each key may be told once.
 *
 * @param key What it can be asked for by.
 * @param text What is told.
 * @param milliseconds How long to wait until the first member has it.
 * @returns Whether it has it in time; one that is frozen does not.
 * @throws {EngineError} if the first member cannot be reached, or the key was told before.
 */
export async function tell(key: string, text: string, milliseconds: number): Promise<boolean> {
  const { C, context } = runtime();
  const status = C.TF_NewStatus(); // another thread writes to it, and may do so later
  const words = { key: encodeText(`${key}\0`), text: encodeText(`${text}\0`) };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const told = C.TFE_InsertConfigKeyValue(context, words.key, words.text, status).then(() => words); // read until then
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), milliseconds));
  const isTold = await Promise.race([told, late]) !== undefined;
  clearTimeout(timer);
  if (isTold) check(() => `tell the cluster "${key}"`, status);
  return isTold;
}

/**
 * What some member told; undefined if nobody has told it in time.
 *
 * @param key What it was told by.
 * @param milliseconds How long to wait.
 */
export function heard(key: string, milliseconds: number): string | undefined {
  const { C, status, context } = runtime();
  const buffer = C.TF_NewBuffer();
  try {
    C.TFE_GetConfigKeyValue(context, encodeText(`${key}\0`), BigInt(milliseconds), buffer, status);
    return C.TF_GetCode(status) === 0 ? textIn(buffer) : undefined;
  } finally {
    C.TF_DeleteBuffer(buffer);
  }
}

/** The text in a `TF_Buffer`, which begins with the address and the length of its bytes. */
function textIn(buffer: Pointer): string {
  const view = new Deno.UnsafePointerView(buffer!);
  const bytes = Deno.UnsafePointer.create(view.getBigUint64(0));
  const length = Number(view.getBigUint64(8));
  return bytes === null ? "" : new TextDecoder().decode(Deno.UnsafePointerView.getArrayBuffer(bytes, length));
}

/**
 * Whether a member's server answers. That of a process that has ended, is frozen or cut off does not.
 *
 * @param rank The member.
 * @param milliseconds How long to wait.
 */
export function answers(rank: number, milliseconds: number): boolean {
  const { C, status, context } = runtime();
  C.TFE_CollectiveOpsCheckPeerHealth(context, cString(taskName(rank)), BigInt(milliseconds), status);
  return C.TF_GetCode(status) === 0;
}
