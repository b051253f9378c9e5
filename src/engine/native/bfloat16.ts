import { readKernelFile } from "./kernel_file.ts";
import { hasGpu } from "./runtime.ts";

/**
 * Whether compiled functions gain from the precision "bfloat16" here. They do on a GPU, and on x86 processors with
 * instructions for it (AVX512-BF16, AMX). Elsewhere it is emulated, several times slower than float32.
 */
export function hasFastBfloat16(): boolean {
  return hasGpu() || /\b(avx512_bf16|amx_bf16)\b/.test(processorFlags());
}

/** The first processor's instruction sets as Linux names them; empty if they are not known. */
export function processorFlags(): string {
  if (Deno.build.arch !== "x86_64") return "";
  return readKernelFile("/proc/cpuinfo").match(/^flags\s*:(.*)$/m)?.[1].trim() ?? "";
}
