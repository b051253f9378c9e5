import { hasGpu } from "./runtime.ts";

/**
 * Whether compiled functions gain by the precision "bfloat16" here: on a GPU, and on x86 processors with instructions for
 * it (AVX512-BF16, AMX). Elsewhere it is emulated, several times slower than float32.
 */
export function hasFastBfloat16(): boolean {
  return hasGpu() || /\b(avx512_bf16|amx_bf16)\b/.test(processorFlags());
}

/** The first processor's instruction sets as Linux names them; empty where they are not known. */
export function processorFlags(): string {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return "";
  return readKernelFile("/proc/cpuinfo").match(/^flags\s*:(.*)$/m)?.[1].trim() ?? "";
}

/** The start of a file of the kernel's, by the C library: Deno opens `/proc` to programs with every permission only. */
function readKernelFile(path: string): string {
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
