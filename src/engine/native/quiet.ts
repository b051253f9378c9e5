import { encodeText } from "./c_api.ts";

let quiet = false;

/**
 * Keeps off the terminal what native code writes to the C library's `stderr` from now on, on Linux. TensorFlow's image
 * decoders write there, without a file's name, what their returned error says anyway ("Premature end of JPEG file").
 *
 * Only the C library's stream is redirected. The file descriptor is unchanged, and so is what Deno writes.
 */
export function quietNativeCode(): void {
  if (quiet || Deno.build.os !== "linux") return;
  quiet = true;
  const { dlsym, fopen } = Deno.dlopen("libc.so.6", {
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    fopen: { parameters: ["buffer", "buffer"], result: "pointer" },
  }).symbols;
  const variable = dlsym(null, encodeText("stderr\0")); // FILE**
  const nowhere = fopen(encodeText("/dev/null\0"), encodeText("w\0"));
  if (variable === null || nowhere === null) return;
  new BigUint64Array(Deno.UnsafePointerView.getArrayBuffer(variable, 8))[0] = Deno.UnsafePointer.value(nowhere);
}
