import { readKernelFile } from "./kernel_file.ts";
import { hasGpu } from "./runtime.ts";

/** Bytes of the memory in which steps run. */
export type Memory = {
  /** The total, or what this program may use of it. */
  readonly total: number;
  /** The unused part. */
  readonly free: number;
};

/**
 * The memory in which steps run, on Linux without a GPU: the machine's, or what a container allows. Elsewhere it is not
 * known, and the result is undefined.
 */
export function memory(): Memory | undefined {
  if (hasGpu()) return undefined;
  const machine = readKernelFile("/proc/meminfo");
  const bytesOf = (name: string) => 1024 * Number(machine.match(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m"))?.[1]);
  const [total, free] = [bytesOf("MemTotal"), bytesOf("MemAvailable")];
  if (Number.isNaN(total) || Number.isNaN(free)) return undefined;
  const [allowed, used] = ["max", "current"].map((name) => parseInt(readKernelFile(`/sys/fs/cgroup/memory.${name}`)));
  if (Number.isNaN(allowed) || Number.isNaN(used)) return { total, free }; // "max" is no limit
  return { total: Math.min(total, allowed), free: Math.min(free, allowed - used) };
}
