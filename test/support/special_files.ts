/**
 * Files that Deno cannot make, by the C library.
 *
 * @module
 */
import { join } from "node:path";

const permissions = 0o755;

/** Makes a pipe with a name. */
export function makePipe(path: string): void {
  call("mkfifo", new TextEncoder().encode(`${path}\0`));
}

/** Makes a folder whose name is not UTF-8. */
export function makeUnspeakableFolder(parent: string): void {
  call("mkdir", Uint8Array.of(...new TextEncoder().encode(join(parent, "bad")), 0xff, 0));
}

function call(name: "mkfifo" | "mkdir", path: Uint8Array<ArrayBuffer>): void {
  const signature = { parameters: ["buffer", "u32"], result: "i32" } as const;
  const library = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    mkfifo: signature,
    mkdir: signature,
  });
  try {
    if (library.symbols[name](path, permissions) !== 0) throw new Error(`Cannot make a file by ${name}`);
  } finally {
    library.close();
  }
}
