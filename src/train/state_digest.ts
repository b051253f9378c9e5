import { createHash } from "node:crypto";
import { entries, type Tree } from "../core/tree.ts";
import { readBytes } from "../engine/mod.ts";

/** SHA-256, in hexadecimal digits, of the names and bytes of a state. */
export function stateDigest(state: Tree): string {
  const hash = createHash("sha256");
  for (const [path, leaf] of entries(state)) hash.update(path).update(readBytes(leaf));
  return hash.digest("hex");
}
