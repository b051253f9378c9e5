/**
 * The machine that is measured, as the results name it.
 *
 * @module
 */
import { Either } from "../../src/core/either.ts";
import { processorFlags } from "../../src/engine/native/processor.ts";
import { findGpu, type Gpu } from "./gpu.ts";
import type { Device } from "./workloads.ts";

/** What is measured on. */
export type Machine = {
  readonly device: Device;
  readonly processor: string;
  readonly cores: number;
  readonly gpu?: Gpu;
  /** Whether what computes has instructions for bfloat16. */
  readonly bfloat16: boolean;
};

/** This machine; or why there is no such device. */
export function thisMachine(device: Device): Either<string, Machine> {
  const processor = {
    device,
    processor: Deno.readTextFileSync("/proc/cpuinfo").match(/^model name\s*:\s*(.*)$/m)?.[1] ?? "unknown",
    cores: navigator.hardwareConcurrency,
  };
  return device === "gpu"
    ? Either.map((gpu: Gpu) => ({ ...processor, gpu, bfloat16: gpu.capability >= 8 }))(findGpu())
    : Either.right({ ...processor, bfloat16: /\b(avx512_bf16|amx_bf16)\b/.test(processorFlags()) });
}

/** A machine in a few words. */
export function machineText({ processor, cores, gpu, bfloat16 }: Machine): string {
  const device = gpu === undefined ? [] : [`${gpu.name} (driver ${gpu.driver}, ${gpu.memory} MiB)`];
  return [...device, processor, `${cores} cores`].join(", ") + (bfloat16 ? ", with bfloat16" : "");
}
