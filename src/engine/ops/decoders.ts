/**
 * Image files to pixels, inside of a traced function: the file is bytes that are known only when it runs, and so are its
 * format and its size.
 *
 * @module
 */
import { choose } from "../compile/mod.ts";
import { op, type Tensor, tf, toFloat } from "../native/mod.ts";

/** How a file's pixels are stored, as far as decoding them differs. */
export type Encoding = keyof typeof decoders;

/** What the decoders are given. */
type File = {
  /** The whole file, string []. */
  readonly contents: Tensor;
  /** Where the table of colours of a BMP begins and how many bytes it has, int32 [2]. */
  readonly table: Tensor;
};

/** One function for each encoding: a file to uint8 [height, width, 3], or [height, width, 4] with transparency. */
const decoders = {
  /** CMYK becomes red, green and blue. */
  jpeg: (file: File) => decodeJpeg(file, false),
  /** As much of a truncated file as there is; the rest is grey. */
  "jpeg-recovered": (file: File) => decodeJpeg(file, true),
  png: ({ contents }: File) => op("DecodePng", [contents], { channels: 3 })[0],
  "png-alpha": ({ contents }: File) => op("DecodePng", [contents], { channels: 4 })[0],
  "png-16": ({ contents }: File) => decodeDeepPng(contents),
  /** The file of one frame. */
  gif: ({ contents }: File) => op("DecodeImage", [contents], { channels: 3, expand_animations: false })[0],
  bmp: ({ contents }: File) => withoutFourth(op("DecodeBmp", [contents], { channels: 0 })[0]),
  "bmp-palette": decodePaletteBmp,
  /** Not of an animation: this call writes past the end of its memory there, and the others fail. */
  webp: ({ contents }: File) => op("DecodeImage", [contents], { channels: 0, expand_animations: false })[0],
};

const encodings = Object.keys(decoders) as Encoding[];

/** The number that stands for an encoding in {@linkcode decodeFile}. */
export function encodingNumber(encoding: Encoding): number {
  return encodings.indexOf(encoding);
}

/**
 * The pixels of an image file as they are stored: EXIF's orientation is not applied.
 *
 * @param encoding int32 [], by {@linkcode encodingNumber}.
 * @param contents The whole file, string [].
 * @param table Where a BMP's table of colours begins and how many bytes it has, int32 [2].
 * @returns uint8 [height, width, 3], or [height, width, 4] with transparency. Running it fails if the file is damaged.
 */
export function decodeFile(encoding: Tensor, contents: Tensor, table: Tensor): Tensor {
  const branches = encodings.map((name) => ([contents, table]: Tensor[]) => [decoders[name]({ contents, table })]);
  return choose(encoding, branches, [contents, table], [{ dtype: "uint8", shape: [-1, -1, -1] }])[0];
}

/**
 * A part of an image without its transparency: what is transparent lies on white.
 *
 * @param image uint8 [height, width, 3 or 4].
 * @param box Top, left, height and width of the part, int32 [4].
 * @returns uint8 [box height, box width, 3].
 */
export function opaquePart(image: Tensor, box: Tensor): Tensor {
  const begin = op("ConcatV2", [[part(box, 0, 2), ints(0)], tf.scalar(0, "int32")])[0];
  const size = op("ConcatV2", [[part(box, 2, 2), ints(-1)], tf.scalar(0, "int32")])[0];
  const cut = op("Slice", [image, begin, size])[0];
  const channels = part(op("Shape", [image], { out_type: "int32" })[0], 2, 1);
  const extra = op("Sub", [op("Reshape", [channels, ints()])[0], tf.scalar(3, "int32")])[0];
  return choose(extra, [([pixels]) => [pixels], ([pixels]) => [onWhite(pixels)]], [cut], [
    { dtype: "uint8", shape: [-1, -1, 3] },
  ])[0];
}

function decodeJpeg({ contents }: File, recover: boolean): Tensor {
  return op("DecodeJpeg", [contents], {
    channels: 3,
    dct_method: "INTEGER_ACCURATE",
    try_recover_truncated: recover,
    acceptable_fraction: recover ? 0 : 1,
  })[0];
}

/** 16 bits a channel, of which few files use all: the file's own range is brought to 8 bits. */
function decodeDeepPng(contents: Tensor): Tensor {
  const pixels = toFloat(op("DecodePng", [contents], { channels: 4, dtype: "uint16" })[0]); // [height, width, 4]
  const colours = channelsOf(pixels, 0, 3);
  const all = tf.tensor1d([0, 1, 2], "int32");
  const least = op("Min", [colours, all], { keep_dims: false })[0];
  const range = op("Sub", [op("Max", [colours, all], { keep_dims: false })[0], least])[0];
  const scale = op("Div", [tf.scalar(255), op("Maximum", [range, tf.scalar(1)])[0]])[0];
  const scaled = op("Mul", [op("Sub", [colours, least])[0], scale])[0];
  const alpha = op("Mul", [channelsOf(pixels, 3, 1), tf.scalar(255 / 65535)])[0];
  return rounded(op("ConcatV2", [[scaled, alpha], tf.scalar(2, "int32")])[0]);
}

/** One channel becomes three; a fourth one is dropped, since most programs leave nothing of sense there. */
function withoutFourth(pixels: Tensor): Tensor {
  const grey = op("ConcatV2", [[pixels, pixels, pixels], tf.scalar(2, "int32")])[0];
  return channelsOf(grey, 0, 3);
}

/** The table holds blue, green, red and a byte without a meaning for each place in it. */
function decodePaletteBmp({ contents, table }: File): Tensor {
  const number = (index: number) => op("Reshape", [part(table, index, 1), ints()])[0];
  const text = op("Substr", [contents, number(0), number(1)], { unit: "BYTE" })[0];
  const bytes = op("DecodeRaw", [text], { out_type: "uint8" })[0];
  const colours = op("ReverseV2", [
    channelsOfRows(op("Reshape", [bytes, ints(-1, 4)])[0], 3),
    tf.tensor1d([1], "int32"),
  ])[0]; // [colours, 3]
  const places = op("DecodeBmp", [contents], { channels: 0 })[0]; // [height, width, 1]
  const flat = op("Squeeze", [op("Cast", [places], { DstT: "int32" })[0]], { squeeze_dims: [2] })[0];
  return op("GatherV2", [colours, flat, tf.scalar(0, "int32")], { batch_dims: 0 })[0]; // [height, width, 3]
}

/** `255 + (colour - 255) alpha`. */
function onWhite(pixels: Tensor): Tensor {
  const floats = toFloat(pixels); // [height, width, 4]
  const alpha = op("Mul", [channelsOf(floats, 3, 1), tf.scalar(1 / 255)])[0];
  const dark = op("Sub", [channelsOf(floats, 0, 3), tf.scalar(255)])[0];
  return rounded(op("AddV2", [op("Mul", [dark, alpha])[0], tf.scalar(255)])[0]);
}

/** The nearest uint8 of values in [0, 255]. */
export function rounded(values: Tensor): Tensor {
  return op("Cast", [op("AddV2", [values, tf.scalar(0.5)])[0]], { DstT: "uint8" })[0];
}

function channelsOf(pixels: Tensor, first: number, count: number): Tensor {
  return op("Slice", [pixels, ints(0, 0, first), ints(-1, -1, count)])[0];
}

function channelsOfRows(rows: Tensor, count: number): Tensor {
  return op("Slice", [rows, ints(0, 0), ints(-1, count)])[0];
}

function part(vector: Tensor, first: number, count: number): Tensor {
  return op("Slice", [vector, ints(first), ints(count)])[0];
}

function ints(...values: number[]): Tensor {
  return tf.tensor1d(values, "int32");
}
