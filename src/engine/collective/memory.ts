/**
 * `<malloc.h>` of glibc: how much free memory at a heap's end goes back to the system, and from what size it is mapped.
 */
const [M_TRIM_THRESHOLD, M_MMAP_THRESHOLD] = [-1, -3];

/** The most bytes that glibc takes for the second. */
const LARGEST = 32 * 1024 * 1024;

/**
 * Lets the C library keep the memory that messages were in, for the next ones. Otherwise it gives that memory back to
 * the system, and asks for it again, in every step.
 */
export function keepMemoryOfMessages(): void {
  if (Deno.build.os !== "linux") return;
  const libc = Deno.dlopen("libc.so.6", { mallopt: { parameters: ["i32", "i32"], result: "i32", optional: true } });
  libc.symbols.mallopt?.(M_TRIM_THRESHOLD, 32 * LARGEST - 1);
  libc.symbols.mallopt?.(M_MMAP_THRESHOLD, LARGEST);
  libc.close();
}
