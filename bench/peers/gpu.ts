/**
 * The GPU that is measured on, as NVIDIA's driver and `nvidia-smi` tell.
 *
 * @module
 */
import { Either } from "../../src/core/either.ts";
import { reasonOf } from "../../src/core/reason.ts";
import { thisPlatform } from "../../src/engine/install/platform.ts";

/** An NVIDIA GPU. */
export type Gpu = {
  readonly name: string;
  readonly driver: string;
  /** MiB. */
  readonly memory: number;
  /** Compute capability: 8 and more have TF32 and bfloat16. */
  readonly capability: number;
};

const fields = ["name", "driver_version", "memory.total", "compute_cap"];

/** Of the GPUs that this process and those that it starts may use, the first; or what was expected and found. */
export function findGpu(): Either<string, Gpu> {
  if (!thisPlatform().nvidia) {
    const hidden = Deno.env.get("CUDA_VISIBLE_DEVICES");
    const found = hidden === undefined ? "none" : `none with CUDA_VISIBLE_DEVICES=${hidden}`;
    return Either.left(
      `Cannot measure on a GPU: expected Linux and an NVIDIA GPU whose driver supports CUDA 12, found ${found}`,
    );
  }
  return Either.chain(parseGpu)(query(fields));
}

/** Makes every process that is started use one GPU, and number GPUs as `nvidia-smi` does. */
export function useOneGpu(): void {
  Deno.env.set("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
  Deno.env.set("CUDA_VISIBLE_DEVICES", chosen());
}

/** The memory of the GPU that is taken, by whomever, MiB. */
export function usedMemory(): number {
  const used = Either.map(Number)(query(["memory.used"]));
  if (Either.isLeft(used)) throw new Error(used.left);
  return used.right;
}

/** A GPU from the line that `nvidia-smi` gives of it. */
export function parseGpu(line: string): Either<string, Gpu> {
  const [name, driver, ...numbers] = line.trim().split(/\s*,\s*/);
  const [memory, capability] = numbers.map(Number);
  return numbers.length === 2 && memory > 0 && capability > 0
    ? Either.right({ name, driver, memory, capability })
    : Either.left(`Cannot read nvidia-smi: expected ${fields.join(", ")}, found ${JSON.stringify(line)}`);
}

/** The first of those that may be used. */
function chosen(): string {
  return (Deno.env.get("CUDA_VISIBLE_DEVICES") ?? "0").split(",")[0];
}

function query(wanted: readonly string[]): Either<string, string> {
  const args = [`--id=${chosen()}`, `--query-gpu=${wanted.join(",")}`, "--format=csv,noheader,nounits"];
  const failed = (found: string) => Either.left(`Cannot measure on a GPU: expected nvidia-smi to tell of it, ${found}`);
  try {
    const { success, stdout, stderr } = new Deno.Command("nvidia-smi", { args, stdin: "null" }).outputSync();
    const text = new TextDecoder();
    return success ? Either.right(text.decode(stdout)) : failed(`found ${text.decode(stderr) || text.decode(stdout)}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return failed("found no such program");
    return failed(`found ${reasonOf(error)}`);
  }
}
