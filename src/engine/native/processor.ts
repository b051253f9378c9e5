/**
 * What the processor is. All is empty where the system does not say it.
 *
 * @module
 */
import { readKernelFile } from "./kernel_file.ts";

/** The first processor's instruction sets as Linux names them. */
export function processorFlags(): string {
  return ofProcessor("flags");
}

/** Its maker, "GenuineIntel" or "AuthenticAMD". */
export function processorMaker(): string {
  return ofProcessor("vendor_id");
}

let wide: boolean | undefined;

/**
 * Whether a core multiplies 16 floats in one instruction at full speed. AMD's Zen 4 takes two halves one by one. Zen 5,
 * the first of AMD's with `vp2intersect`, does not.
 */
export function multipliesSixteenFloats(): boolean {
  const flag = processorMaker() === "AuthenticAMD" ? "avx512_vp2intersect" : "avx512f";
  return wide ??= processorFlags().split(" ").includes(flag);
}

let matrixUnit: boolean | undefined;

/** Whether the processor has Intel's unit for matrices in bfloat16, AMX. */
export function hasMatrixUnit(): boolean {
  return matrixUnit ??= processorFlags().split(" ").includes("amx_bf16");
}

function ofProcessor(field: "flags" | "vendor_id"): string {
  if (Deno.build.arch !== "x86_64") return "";
  return readKernelFile("/proc/cpuinfo").match(new RegExp(`^${field}\\s*:(.*)$`, "m"))?.[1].trim() ?? "";
}
