/**
 * Which build of TensorFlow runs here, and which packages carry it.
 *
 * @module
 */
import { EngineError } from "./errors.ts";
import {
  cpuOnArm,
  cpuOnMac,
  cpuOnX86,
  cudaLibraries,
  cudaOnX86,
  type PinnedPackage,
  tensorflowVersion,
} from "./wheels.ts";

/** What a build computes on: the processor alone, or NVIDIA GPUs too. */
export type Variant = "cpu" | "cuda";

/** The properties of a machine that decide which build runs on it. */
export type Platform = { readonly os: string; readonly arch: string; readonly nvidia: boolean };

/** A build of TensorFlow, as the Python wheels carry it. */
export type Build = {
  readonly variant: Variant;
  /** The Python packages whose wheels carry it. */
  readonly packages: readonly PinnedPackage[];
  /** The platform tags of the wheels, so that any Python's pip can request them. */
  readonly tags: readonly string[];
  /** File names of the two libraries, within the package's `tensorflow` folder. */
  readonly framework: string;
  readonly library: string;
};

/** The machine that this process runs on. */
export function thisPlatform(): Platform {
  return { os: Deno.build.os, arch: Deno.build.arch, nvidia: Deno.build.os === "linux" && hasNvidiaGpu() };
}

/**
 * The build for a machine.
 *
 * @param platform The machine.
 * @returns The build; it has CUDA if an NVIDIA driver finds a GPU.
 * @throws EngineError if no wheel carries the C library for the machine.
 */
export function buildFor(platform: Platform): Build {
  const linux = { framework: "libtensorflow_framework.so.2", library: "libtensorflow_cc.so.2" };
  switch (`${platform.os} ${platform.arch}`) {
    case "linux x86_64": {
      // pip knows that manylinux2014 includes older wheels, but not that manylinux_2_27 does.
      const tags = ["manylinux_2_27_x86_64", "manylinux_2_25_x86_64", "manylinux2014_x86_64"];
      return platform.nvidia
        ? { variant: "cuda", packages: [cudaOnX86, ...cudaLibraries], tags, ...linux }
        : { variant: "cpu", packages: [cpuOnX86], tags, ...linux };
    }
    case "linux aarch64":
      return { variant: "cpu", packages: [cpuOnArm], tags: ["manylinux_2_27_aarch64"], ...linux };
    case "darwin aarch64":
      return {
        variant: "cpu",
        packages: [cpuOnMac],
        tags: ["macosx_12_0_arm64"],
        framework: "libtensorflow_framework.2.dylib",
        library: "libtensorflow_cc.2.dylib",
      };
    case "windows x86_64":
      throw new EngineError(
        "platform",
        "Cannot run the engine on Windows: TensorFlow's Windows build does not carry its C library; use WSL 2",
      );
    case "darwin x86_64":
      throw new EngineError(
        "platform",
        `Cannot run the engine on an Intel Mac: TensorFlow ${tensorflowVersion} is not built for it; ` +
          `build its C library and set MOCO_TENSORFLOW to the folder, or use a Linux container`,
      );
    default:
      throw new EngineError(
        "platform",
        `Cannot run the engine on ${platform.os} ${platform.arch}: TensorFlow ${tensorflowVersion} is built for ` +
          `Linux (x86-64, arm64) and macOS (arm64); build its C library and set MOCO_TENSORFLOW to the folder`,
      );
  }
}

/** Whether the NVIDIA driver is installed, is new enough for CUDA 12, and finds a GPU that this process may use. */
function hasNvidiaGpu(): boolean {
  try {
    const driver = Deno.dlopen("libcuda.so.1", {
      cuInit: { parameters: ["u32"], result: "i32" },
      cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
      cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
    }).symbols;
    const [version, count] = [new Int32Array(1), new Int32Array(1)];
    return driver.cuInit(0) === 0 && driver.cuDriverGetVersion(version) === 0 && version[0] >= 12000 &&
      driver.cuDeviceGetCount(count) === 0 && count[0] > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false; // no driver: the loader does not know libcuda
  }
}
