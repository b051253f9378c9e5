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

/** Whether a core multiplies 16 floats in one instruction at full speed. AMD's Zen 4 takes two halves one by one. */
export function multipliesSixteenFloats(): boolean {
  return wide ??= processorMaker() === "GenuineIntel" && processorFlags().split(" ").includes("avx512f");
}

function ofProcessor(field: "flags" | "vendor_id"): string {
  if (Deno.build.arch !== "x86_64") return "";
  return readKernelFile("/proc/cpuinfo").match(new RegExp(`^${field}\\s*:(.*)$`, "m"))?.[1].trim() ?? "";
}
