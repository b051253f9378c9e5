/**
 * Decodes image files to pixels inside a traced function. The file's bytes, format and size are known only when the
 * function runs.
 *
 * @module
 */
import { choose } from "../compile/mod.ts";
import { op, type Tensor, tf, toFloat } from "../native/mod.ts";
import { element, ints } from "./ints.ts";

/** How a file's pixels are stored, as far as decoding depends on it. */
export type Encoding = keyof typeof decoders;

/** What the decoders are given. */
type File = {
  /** The whole file, string []. */
  readonly contents: Tensor;
  /** Where the colour table of a BMP begins and how many bytes it has, int32 [2]. */
  readonly table: Tensor;
};

/** For each encoding, a function from a file to uint8 [height, width, 3]. Transparent pixels are put on white. */
const decoders = {
  /** CMYK is converted to RGB. */
  jpeg: (file: File) => decodeJpeg(file, false),
  /** A truncated file is decoded as far as it goes; the rest is grey. */
  "jpeg-recovered": (file: File) => decodeJpeg(file, true),
  png: ({ contents }: File) => op("DecodePng", [contents], { channels: 3 })[0],
  "png-alpha": ({ contents }: File) => onWhite(toFloat(op("DecodePng", [contents], { channels: 4 })[0])),
  "png-16": ({ contents }: File) => onWhite(decodeDeepPng(contents)),
  /** The file of one frame. */
  gif: ({ contents }: File) => op("DecodeImage", [contents], { channels: 3, expand_animations: false })[0],
  bmp: ({ contents }: File) => withoutFourth(op("DecodeBmp", [contents], { channels: 0 })[0]),
  "bmp-palette": decodePaletteBmp,
  webp: ({ contents }: File) => decodeWebp(contents),
  "stl-10": ({ contents }: File) => decodeStl10(contents),
};

const encodings = Object.keys(decoders) as Encoding[];

/** The number that stands for an encoding in {@linkcode decodeFile}. */
export function encodingNumber(encoding: Encoding): number {
  return encodings.indexOf(encoding);
}

/**
 * The pixels of an image file as they are stored. EXIF's orientation is not applied.
 *
 * @param encoding int32 [], from {@linkcode encodingNumber}.
 * @param contents The file's bytes, string [].
 * @param table Where a BMP's colour table begins and how many bytes it has, int32 [2].
 * @returns uint8 [height, width, 3]. Running it fails if the file is damaged.
 */
export function decodeFile(encoding: Tensor, contents: Tensor, table: Tensor): Tensor {
  const branches = encodings.map((name) => ([contents, table]: Tensor[]) => [decoders[name]({ contents, table })]);
  return choose(encoding, branches, [contents, table], [{ dtype: "uint8", shape: [-1, -1, 3] }])[0];
}

/**
 * The pixels of image files that are alike, as {@linkcode decodeFile} decodes each. A file costs one op.
 *
 * @param encoding The encoding of all of them, which has no colour table.
 * @param contents The files' bytes, string [N].
 * @param size The height and the width of each image, pixels.
 * @returns uint8 [N, height, width, 3]. Running it fails if a file is damaged or has another size.
 */
export function decodeFiles(
  encoding: Exclude<Encoding, "bmp-palette">,
  contents: Tensor,
  { height, width }: { readonly height: number; readonly width: number },
): Tensor {
  const [count] = contents.shape;
  const table = ints(0, 0);
  const images = op("Unpack", [contents], { num: count, axis: 0 })
    .map((contents) => decoders[encoding]({ contents, table }));
  return op("EnsureShape", [op("Pack", [images], { axis: 0 })[0]], { shape: [count, height, width, 3] })[0];
}

function decodeJpeg({ contents }: File, recover: boolean): Tensor {
  return op("DecodeJpeg", [contents], {
    channels: 3,
    dct_method: "INTEGER_ACCURATE",
    try_recover_truncated: recover,
    acceptable_fraction: recover ? 0 : 1,
  })[0];
}

/** 16 bits a channel, with transparency. Few files use all 16 bits, so the file's own range is mapped to [0, 255]. */
function decodeDeepPng(contents: Tensor): Tensor {
  const pixels = toFloat(op("DecodePng", [contents], { channels: 4, dtype: "uint16" })[0]); // [height, width, 4]
  const colours = channelsOf(pixels, 0, 3);
  const all = ints(0, 1, 2);
  const least = op("Min", [colours, all], { keep_dims: false })[0];
  const range = op("Sub", [op("Max", [colours, all], { keep_dims: false })[0], least])[0];
  const scale = op("Div", [tf.scalar(255), op("Maximum", [range, tf.scalar(1)])[0]])[0];
  const scaled = op("Mul", [op("Sub", [colours, least])[0], scale])[0];
  const alpha = op("Mul", [channelsOf(pixels, 3, 1), tf.scalar(255 / 65535)])[0];
  return op("ConcatV2", [[scaled, alpha], tf.scalar(2, "int32")])[0];
}

/**
 * With or without transparency. The file must hold a single image: on an animation this op writes past the end of its
 * memory, and the alternatives fail.
 */
function decodeWebp(contents: Tensor): Tensor {
  const pixels = op("DecodeImage", [contents], { channels: 0, expand_animations: false })[0];
  const channels = op("Slice", [op("Shape", [pixels], { out_type: "int32" })[0], ints(2), ints(1)])[0];
  const isTransparent = op("Sub", [op("Reshape", [channels, ints()])[0], tf.scalar(3, "int32")])[0];
  const asItIs = ([pixels]: Tensor[]) => [pixels];
  const laid = ([pixels]: Tensor[]) => [onWhite(toFloat(pixels))];
  return choose(isTransparent, [asItIs, laid], [pixels], [{ dtype: "uint8", shape: [-1, -1, 3] }])[0];
}

/** One channel becomes three. A fourth one is dropped, since most programs write nothing meaningful there. */
function withoutFourth(pixels: Tensor): Tensor {
  const grey = op("ConcatV2", [[pixels, pixels, pixels], tf.scalar(2, "int32")])[0];
  return channelsOf(grey, 0, 3);
}

/** Each entry of the table holds blue, green, red and an unused byte. */
function decodePaletteBmp({ contents, table }: File): Tensor {
  const text = op("Substr", [contents, element(table, 0), element(table, 1)], { unit: "BYTE" })[0];
  const bytes = op("DecodeRaw", [text], { out_type: "uint8" })[0];
  const colours = op("ReverseV2", [
    channelsOfRows(op("Reshape", [bytes, ints(-1, 4)])[0], 3),
    ints(1),
  ])[0]; // [colours, 3]
  const places = op("DecodeBmp", [contents], { channels: 0 })[0]; // [height, width, 1]
  const flat = op("Squeeze", [op("Cast", [places], { DstT: "int32" })[0]], { squeeze_dims: [2] })[0];
  return op("GatherV2", [colours, flat, tf.scalar(0, "int32")], { batch_dims: 0 })[0]; // [height, width, 3]
}

/** Rows and columns of an image of STL-10, pixels. */
export const STL10_SIDE = 96;

/** An image of STL-10: its red, green and blue planes, each column by column. */
function decodeStl10(contents: Tensor): Tensor {
  const bytes = op("DecodeRaw", [contents], { out_type: "uint8" })[0];
  const planes = op("Reshape", [bytes, ints(3, STL10_SIDE, STL10_SIDE)])[0]; // [channel, column, row]
  return op("Transpose", [planes, ints(2, 1, 0)])[0];
}

/** `255 + (colour - 255) alpha` of float32 [height, width, 4] in [0, 255]. */
function onWhite(floats: Tensor): Tensor {
  const alpha = op("Mul", [channelsOf(floats, 3, 1), tf.scalar(1 / 255)])[0];
  const dark = op("Sub", [channelsOf(floats, 0, 3), tf.scalar(255)])[0];
  return rounded(op("AddV2", [op("Mul", [dark, alpha])[0], tf.scalar(255)])[0]);
}

/** Values in [0, 255], rounded to the nearest uint8. */
export function rounded(values: Tensor): Tensor {
  return op("Cast", [op("AddV2", [values, tf.scalar(0.5)])[0]], { DstT: "uint8" })[0];
}

function channelsOf(pixels: Tensor, first: number, count: number): Tensor {
  return op("Slice", [pixels, ints(0, 0, first), ints(-1, -1, count)])[0];
}

function channelsOfRows(rows: Tensor, count: number): Tensor {
  return op("Slice", [rows, ints(0, 0), ints(-1, count)])[0];
}
