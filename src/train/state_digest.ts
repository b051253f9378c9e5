import { createHash } from "node:crypto";
import type { LazyTensor } from "../files/tensor_file.ts";

/** SHA-256, in hexadecimal digits, of the names and bytes of a state's tensors. */
export function stateDigest(tensors: readonly Pick<LazyTensor, "name" | "read">[]): string {
  const hash = createHash("sha256");
  for (const { name, read } of tensors) hash.update(name).update(read());
  return hash.digest("hex");
}
