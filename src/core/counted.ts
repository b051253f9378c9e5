/**
 * How many there are of something, in words.
 *
 * @param count How many.
 * @param what The name of one of them, whose plural ends in s.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { counted } from "./counted.ts";
 *
 * assertEquals([counted(1, "file"), counted(1200, "file")], ["1 file", "1,200 files"]);
 * ```
 */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
