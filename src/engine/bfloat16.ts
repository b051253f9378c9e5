import { runtime } from "./runtime.ts";

/**
 * Whether compiled functions gain by the precision "bfloat16" here: on a GPU, and on x86 processors with instructions for
 * it (AVX512-BF16, AMX). Elsewhere it is emulated, several times slower than float32.
 */
export function hasFastBfloat16(): boolean {
  return runtime().devices.some(({ type }) => type === "GPU") || processorHasBfloat16();
}

/** By the flags that Linux lists; false where they are not known. */
function processorHasBfloat16(): boolean {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return false;
  try {
    return /^flags\s*:.*\b(avx512_bf16|amx_bf16)\b/m.test(Deno.readTextFileSync("/proc/cpuinfo"));
  } catch {
    return false;
  }
}
