/**
 * The start of one of the kernel's files, read through the C library, because Deno opens `/proc` only to programs with
 * every permission. Empty if there is no such file, and on systems other than Linux.
 */
export function readKernelFile(path: string): string {
  if (Deno.build.os !== "linux") return "";
  const libc = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  try {
    const file = libc.symbols.open(new TextEncoder().encode(`${path}\0`), 0);
    if (file < 0) return "";
    const bytes = new Uint8Array(16384);
    const read = Number(libc.symbols.read(file, bytes, BigInt(bytes.length)));
    libc.symbols.close(file);
    return new TextDecoder().decode(bytes.subarray(0, Math.max(0, read)));
  } finally {
    libc.close();
  }
}
