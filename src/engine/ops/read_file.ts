import { choose } from "../compile/mod.ts";
import { op, type Tensor } from "../native/mod.ts";

/**
 * The bytes of a file, read when the function runs.
 *
 * @param source The file's path, or its bytes, string [].
 * @param isBytes 1 where `source` is the bytes, 0 where it is the path, int32 [].
 * @returns string []. Running it fails if there is no such file.
 */
export function readFile(source: Tensor, isBytes: Tensor): Tensor {
  const read = ([path]: Tensor[]) => op("ReadFile", [path]);
  const given = ([bytes]: Tensor[]) => [bytes];
  return choose(isBytes, [read, given], [source], [{ dtype: "string", shape: [] }])[0];
}
