/**
 * Reads files, or parts of them, inside a traced function, in TensorFlow's threads.
 *
 * @module
 */
import { choose } from "../compile/mod.ts";
import { op, type Tensor, tf } from "../native/mod.ts";
import { element, ints } from "./ints.ts";

/** Where the bytes of a file are. */
export type Reading =
  /** They are given instead of a path. */
  | { readonly from: "memory" }
  /** They are the whole file at the path. */
  | { readonly from: "file" }
  /** They lie inside the file at the path. `after` is the number of bytes that follow them there. */
  | { readonly from: "part"; readonly start: number; readonly length: number; readonly after: number }
  /**
   * They lie inside a TFRecord, `offset` bytes after the beginning of its data. The record begins at `start` in its
   * file. Its checksum is verified.
   */
  | { readonly from: "record"; readonly start: number; readonly offset: number; readonly length: number };

/** What a reader is given: the path or the bytes, string [], and the numbers of the reading. */
type Source = { readonly source: Tensor; readonly first: Tensor; readonly second: Tensor; readonly length: Tensor };

const readers = {
  memory: ({ source }: Source) => source,
  file: ({ source }: Source) => op("ReadFile", [source])[0],
  part: readPart,
  record: readRecord,
};

const names = Object.keys(readers) as Reading["from"][];

/** How many numbers stand for a reading. */
export const READING_NUMBERS = 6;

/** The numbers, int32, that stand for a reading in {@linkcode fileBytes}. */
export function readingNumbers(reading: Reading): readonly number[] {
  const which = names.indexOf(reading.from);
  switch (reading.from) {
    case "part":
      return [which, ...wide(reading.start), ...wide(reading.after), reading.length];
    case "record":
      return [which, ...wide(reading.start), ...wide(reading.offset), reading.length];
    default:
      return [which, 0, 0, 0, 0, 0];
  }
}

/**
 * The bytes of a file or of a part of one.
 *
 * @param source The file's path, or its bytes, string [].
 * @param reading int32 [6], from {@linkcode readingNumbers}.
 * @returns string []. Running it fails if the file does not exist, or ends before the part does.
 */
export function fileBytes(source: Tensor, reading: Tensor): Tensor {
  const branches = names.map((name) => ([source, reading]: Tensor[]) => [
    readers[name]({
      source,
      first: number(reading, 1),
      second: number(reading, 3),
      length: op("Cast", [element(reading, 5)], { DstT: "int64" })[0],
    }),
  ]);
  return choose(element(reading, 0), branches, [source, reading], [{ dtype: "string", shape: [] }])[0];
}

/** TensorFlow has no op that reads a part of a file. Its data set of records of one length has such a reader. */
function readPart({ source, first: start, second: after, length }: Source): Tensor {
  return onlyElement(
    op("FixedLengthRecordDatasetV2", [list(source), start, length, after, int64(BUFFER), noText(source)], {
      metadata: "",
    })[0],
  );
}

function readRecord({ source, first: start, second: offset, length }: Source): Tensor {
  const records = op("TFRecordDatasetV2", [list(source), noText(source), int64(BUFFER), list(start)], {
    metadata: "",
  })[0];
  const one = op("TakeDataset", [records, int64(1)], { ...oneText, metadata: "" })[0];
  return op("Substr", [onlyElement(one), offset, length], { unit: "BYTE" })[0];
}

const oneText = { output_types: ["string"], output_shapes: [[]] };

function onlyElement(dataset: Tensor): Tensor {
  return op("DatasetToSingleElement", [dataset], { ...oneText, metadata: "" })[0];
}

/** How many bytes a reader asks the file system for at a time. */
const BUFFER = 2 ** 16;

/** Numbers above this one are split in two, because the numbers of a reading are int32. */
const UNIT = 2 ** 24;

function wide(value: number): readonly [number, number] {
  return [Math.floor(value / UNIT), value % UNIT];
}

/** An int64 from the two numbers that {@linkcode wide} makes of it. */
function number(reading: Tensor, at: number): Tensor {
  const [high, low] = [at, at + 1].map((place) => op("Cast", [element(reading, place)], { DstT: "int64" })[0]);
  return op("AddV2", [op("Mul", [high, int64(UNIT)])[0], low])[0];
}

function int64(value: number): Tensor {
  return op("Cast", [tf.scalar(value, "int32")], { DstT: "int64" })[0];
}

/** A scalar as a list of one. */
function list(scalar: Tensor): Tensor {
  return op("Reshape", [scalar, ints(1)])[0];
}

/** An empty text: the file is not compressed. */
function noText(text: Tensor): Tensor {
  const none = tf.scalar(0, "int32");
  return op("Substr", [text, none, none], { unit: "BYTE" })[0];
}
