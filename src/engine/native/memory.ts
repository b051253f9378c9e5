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
  return hasGpu() ? undefined : memoryBy(readKernelFile);
}

/** The memory according to what the kernel's files say. */
export function memoryBy(read: (path: string) => string): Memory | undefined {
  const machine = read("/proc/meminfo");
  const bytesOf = (name: string) => 1024 * Number(machine.match(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m"))?.[1]);
  const [total, free] = [bytesOf("MemTotal"), bytesOf("MemAvailable")];
  if (Number.isNaN(total) || Number.isNaN(free)) return undefined;
  const [allowed, used] = ["max", "current"].map((name) => parseInt(read(`/sys/fs/cgroup/memory.${name}`)));
  if (Number.isNaN(allowed) || Number.isNaN(used)) return { total, free }; // "max" is no limit
  // Files that were read stay in memory until it is wanted for something else.
  const [, files = "0"] = read("/sys/fs/cgroup/memory.stat").match(/^inactive_file (\d+)$/m) ?? [];
  return { total: Math.min(total, allowed), free: Math.min(free, allowed - used + Number(files)) };
}
