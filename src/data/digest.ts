import { createHash } from "node:crypto";
import type { Split } from "./types.ts";

/** SHA-256, in hexadecimal, of the images and labels of training and then of test. */
export function digestOf({ train, test }: Split): string {
  const hash = createHash("sha256");
  for (const half of [train, test]) {
    if (half === undefined) continue;
    hash.update(half.images);
    if (half.labels !== undefined) hash.update(half.labels);
  }
  return hash.digest("hex");
}
