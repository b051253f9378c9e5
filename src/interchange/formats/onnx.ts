import { Either } from "../../core/either.ts";
import { onnxModel } from "../onnx/model.ts";
import type { Export, FormatOptions, ImageSettings, LeavingEncoder, NotExpressible } from "./types.ts";

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
    python: pythonOf(encoder.images, output, preprocessing),
  });
}

/** From an image file to what a model gives, as our evaluation resizes and cuts images of a folder. */
function pythonOf({ size, channels, crop, mean, std }: ImageSettings, output: string, preprocessing: boolean): string {
  const whole = Math.round(size / crop);
  const prepared = preprocessing
    ? [
      "side = min(image.size)",
      "left, top = [(length - side) // 2 for length in image.size]",
      "square = numpy.asarray(image.crop((left, top, left + side, top + side)))  # the model brings it to its size",
      `images = square.reshape(1, side, side, ${channels})`,
    ]
    : [
      `scale = ${whole} / min(image.size)`,
      "image = image.resize([round(scale * length) for length in image.size], Image.Resampling.BILINEAR)",
      `left, top = [(length - ${size}) // 2 for length in image.size]`,
      `pixels = numpy.asarray(image.crop((left, top, left + ${size}, top + ${size})), dtype="float32") / 255`,
      `pixels = (pixels.reshape(${size}, ${size}, ${channels}) - [${mean.join(", ")}]) / [${std.join(", ")}]`,
      'images = pixels.transpose(2, 0, 1)[None].astype("float32")  # [1, channels, height, width]',
    ];
  return [
    "import numpy",
    "import onnxruntime",
    "from PIL import Image, ImageOps",
    "",
    'session = onnxruntime.InferenceSession("DIR/model.onnx")',
    `image = ImageOps.exif_transpose(Image.open("photo.jpg")).convert("${channels === 1 ? "L" : "RGB"}")`,
    ...prepared,
    `(${output},) = session.run(["${output}"], {"${preprocessing ? "images" : "pixel_values"}": images})`,
    ...output === "features"
      ? [`vector = ${output}[0] / numpy.linalg.norm(${output}[0])  # of length 1, as in a collection`]
      : [],
  ].join("\n");
}
