import { Either } from "../../core/either.ts";
import { onnxModel } from "../onnx/model.ts";
import type { Export, FormatOptions, LeavingEncoder, NotExpressible } from "./types.ts";

/** A model that onnxruntime runs, in Python, on the web and elsewhere. It holds every encoder. */
export function onnx(
  encoder: LeavingEncoder,
  { preprocessing }: FormatOptions,
): Either<NotExpressible, Export> {
  const output = encoder.classifier === undefined ? "features" : "logits";
  const input = preprocessing ? "images: images" : "pixel_values: images";
  const kind = preprocessing
    ? "uint8 [N, height, width, channels]"
    : "float32 [N, channels, height, width], normalised";
  return Either.right({
    files: [{ path: "model.onnx", bytes: onnxModel(encoder, { preprocessing }) }],
    usage: [
      'import { InferenceSession } from "onnxruntime-web";',
      "",
      'const session = await InferenceSession.create("DIR/model.onnx");',
      `const { ${output} } = await session.run({ ${input} }); // ${kind}`,
    ].join("\n"),
    language: "ts",
  });
}
