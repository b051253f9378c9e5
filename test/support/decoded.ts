import { backend, createTensor, dtypes } from "../../src/engine/native/mod.ts";
import { op, type Tensor } from "../../src/engine/mod.ts";

/**
 * The pixels of a PNG, as the file has them.
 *
 * @param file The whole file.
 * @returns uint8 [height, width, channels].
 * @throws {EngineError} if the bytes are not a PNG, or the image is damaged.
 */
export function decodePng(file: Uint8Array): Tensor {
  const id = createTensor([], "string", [file]);
  const contents = backend().createOutputTensor({ id, shape: [], dtype: dtypes.string });
  try {
    return op("DecodePng", [contents], { channels: 0, dtype: "uint8" })[0];
  } finally {
    contents.dispose();
  }
}
