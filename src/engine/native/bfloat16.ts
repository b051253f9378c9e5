import { processorFlags, processorMaker } from "./processor.ts";
import { hasGpu } from "./runtime.ts";

/**
 * Whether compiled functions gain from the precision "bfloat16" here. They do on a GPU, on processors with AMX, and on
 * AMD's with AVX512-BF16. `MOCO_BFLOAT16` in the environment replaces this answer by "always" or "never", for tests and
 * measurements.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hasFastBfloat16 } from "@momentum-contrast/moco";
 *
 * Deno.env.set("MOCO_BFLOAT16", "never");
 * assertEquals(hasFastBfloat16(), false);
 * Deno.env.delete("MOCO_BFLOAT16");
 * ```
 */
export function hasFastBfloat16(): boolean {
  const answer = Deno.env.get("MOCO_BFLOAT16");
  if (answer === "always" || answer === "never") return answer === "always";
  return hasGpu() || multipliesFasterInBfloat16(processorMaker(), processorFlags());
}

/** Whether the environment asks for bfloat16 wherever it is allowed. */
export function forcesBfloat16(): boolean {
  return Deno.env.get("MOCO_BFLOAT16") === "always";
}

/**
 * Whether an x86 processor multiplies matrices faster in bfloat16 than in float32.
 *
 * With AMX it does. AVX512-BF16 has one instruction for the products, `vdpbf16ps`. AMD's processors (Zen 4 and later)
 * run it at twice the speed of float32 products. Intel's run it at half the speed from Sapphire Rapids on, which is
 * where AVX512-FP16 came: 156 GFLOP/s against 326 on two cores. They rely on AMX, which a virtual machine may hide.
 * Without any of these instructions bfloat16 is emulated.
 *
 * @param maker "GenuineIntel" or "AuthenticAMD".
 * @param flags Its instruction sets as Linux names them.
 */
export function multipliesFasterInBfloat16(maker: string, flags: string): boolean {
  const has = (name: string) => flags.split(" ").includes(name);
  return has("amx_bf16") || has("avx512_bf16") && !(maker === "GenuineIntel" && has("avx512_fp16"));
}
