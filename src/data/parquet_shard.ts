/**
 * Parquet files in the layout of the Hugging Face hub: a column of images, `struct<bytes, path>`, and one of labels.
 *
 * The images lie compressed in such a file, many together, so none can be read by itself. They are unpacked once, row
 * group by row group, into one file in the cache folder. There each image is as it was before it went into the Parquet
 * file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { compressors, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "../dependencies/hyparquet.ts";
import { cacheFolder } from "../engine/install/mod.ts";
import { removeAbandoned, writeAll, writeAtomic } from "../files/atomic.ts";
import { kept } from "../files/cache.ts";
import { isRecord, parseJson } from "../files/json.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import { countOne, type Shard, type ShardFile, type ShardImage } from "./shard.ts";

/** Columns that may hold the images and the classes where the file does not say which do, the most usual first. */
const [imageColumns, labelColumns] = [["image", "img", "jpg", "png"], ["label", "labels", "fine_label", "cls"]];

/** The most bytes of a row group, which is read as a whole. */
const MOST = 2 ** 30;

/** What is kept of a Parquet file beside its images. */
type Index = {
  /** The size of each row's image, bytes; 0 for a row without one. */
  readonly lengths: Int32Array;
  /** The name of each row's class; empty if the file has no labels, or this row has none. */
  readonly labels: readonly string[];
};

/** Which columns are read. */
type Columns = {
  readonly image: string;
  readonly label?: string;
  /** The names of classes, if labels are numbers that stand for them. */
  readonly names?: readonly string[];
};

/**
 * Finds the images of a Parquet file, unpacking them first if that was not done in an earlier run.
 *
 * @param file The Parquet file.
 * @param notify Called with what a user should know.
 */
export async function readParquet(file: ShardFile, notify: (message: string) => void): Promise<Shard> {
  const index = await unpacked(file, notify)();
  const leftOut = new Map<string, number>();
  if (Either.isLeft(index)) return { images: [], leftOut, damage: index.left };
  const { unpackedTo, lengths, labels } = index.right;
  const images: ShardImage[] = [];
  let start = 0;
  for (const [row, length] of lengths.entries()) {
    if (length === 0) countOne(leftOut, "rows without an image's bytes");
    else {
      images.push({
        name: String(row),
        part: { file: unpackedTo, start, length },
        ...labels[row] === "" ? {} : { label: labels[row] },
      });
    }
    start += length;
  }
  return { images, leftOut };
}

type Unpacked = Index & { readonly unpackedTo: string };

function unpacked(file: ShardFile, notify: (message: string) => void): TaskEither<string, Unpacked> {
  const { path, size } = file;
  return pipe(
    TaskEither.tryCatch(async () => {
      const { mtime } = await Deno.stat(path);
      const identity = JSON.stringify([await Deno.realPath(path), size, mtime?.getTime()]);
      const name = `data/parquet-${createHash("sha256").update(identity).digest("hex").slice(0, 32)}`;
      return { name, unpackedTo: join(cacheFolder(), `${name}.images`) };
    }, reasonOf),
    TaskEither.flatMap(({ name, unpackedTo }) =>
      pipe(
        kept<string, Index>({
          name,
          make: unpack(file, unpackedTo, notify),
          tensors: tensorsOf,
          value: (tensors) => indexOf(tensors, unpackedTo),
        }, notify),
        TaskEither.map((index) => ({ ...index, unpackedTo })),
      )
    ),
  );
}

function unpack(file: ShardFile, to: string, notify: (message: string) => void): TaskEither<string, Index> {
  return pipe(
    TaskEither.tryCatch(() => parquetMetadataAsync(bufferOf(file)), () => "expected a Parquet file, found another one"),
    TaskEither.flatMapEither((metadata) =>
      Either.map((columns: Columns) => ({ metadata, columns }))(columnsOf(metadata))
    ),
    TaskEither.tap(() => TaskEither.tryCatch(() => prepare(to), reasonOf)),
    TaskEither.flatMap(({ metadata, columns }) => {
      notify(`Unpacking the images of ${file.path} once, into ${dirname(to)}`);
      const [lengths, labels]: [number[], string[]] = [[], []];
      const written = writeAtomic(to, async (output) => {
        for await (const row of rowsOf(file, metadata, columns)) {
          lengths.push(row.image?.length ?? 0);
          labels.push(row.label);
          if (row.image !== undefined) await writeAll(output, row.image);
        }
      });
      return pipe(
        written,
        TaskEither.bimap(({ reason }) => reason, (): Index => ({ lengths: Int32Array.from(lengths), labels })),
      );
    }),
  );
}

/** Makes the folder of a file, without the part of the file that a killed program may have left there. */
async function prepare(file: string): Promise<void> {
  await Deno.mkdir(dirname(file), { recursive: true });
  await removeAbandoned(file);
}

/** The columns to read, as the Hugging Face library describes them or by their usual names. */
function columnsOf({ schema, key_value_metadata = [] }: FileMetaData): Either<string, Columns> {
  const features = featuresOf(key_value_metadata.find(({ key }) => key === "huggingface")?.value);
  const ofKind = (kind: string) => Object.keys(features).filter((name) => features[name]._type === kind);
  const there = topLevel(schema);
  const first = (names: readonly string[]) => names.find((name) => there.includes(name));
  const image = first([...ofKind("Image"), ...imageColumns]);
  if (image === undefined) {
    return Either.left(`expected a column of images, such as image, found only ${there.join(", ")}`);
  }
  const classes = ofKind("ClassLabel");
  const label = first([...labelColumns.filter((name) => classes.includes(name)), ...classes, ...labelColumns]);
  const names = label === undefined ? undefined : features[label]?.names;
  return Either.right({
    image,
    ...label === undefined ? {} : { label },
    ...Array.isArray(names) ? { names: names.map(String) } : {},
  });
}

type Features = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The features that the library's metadata describes; none if there is no such metadata. */
function featuresOf(text: string | undefined): Features {
  const parsed = parseJson(text ?? "{}");
  const info = Either.isRight(parsed) && isRecord(parsed.right) ? parsed.right.info : undefined;
  const features = isRecord(info) && isRecord(info.features) ? info.features : {};
  return Object.fromEntries(
    Object.entries(features).flatMap(([name, value]) => isRecord(value) ? [[name, value]] : []),
  );
}

/** The names of the columns, whose parts come after them. */
function topLevel(schema: FileMetaData["schema"]): readonly string[] {
  const names: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (schema[at].num_children ?? 0); child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) names.push(schema[at].name);
  return names;
}

type Row = { readonly image: Uint8Array | undefined; readonly label: string };

async function* rowsOf(
  file: ShardFile,
  metadata: FileMetaData,
  { image, label, names }: Columns,
): AsyncGenerator<Row, void> {
  let rowStart = 0;
  for (const [number, group] of metadata.row_groups.entries()) {
    const size = Number(group.total_byte_size);
    if (size > MOST) {
      throw new RangeError(`expected row groups of at most ${MOST} bytes, found ${size} in row group ${number}`);
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const columns = [image, ...label === undefined ? [] : [label]];
    const options = { file: bufferOf(file), metadata, columns, rowStart, rowEnd, compressors, utf8: false };
    for (const row of await parquetReadObjects(options)) {
      yield { image: bytesOf(row[image]), label: label === undefined ? "" : nameOf(row[label], names) };
    }
    rowStart = rowEnd;
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  const bytes = isRecord(value) ? value.bytes : value;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

/** The name of a class; empty if there is none. Whoever publishes no labels for a half writes -1. */
function nameOf(value: unknown, names: readonly string[] | undefined): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value).normalize("NFC");
  if (value === null || value === undefined || Number(value) < 0) return "";
  return (names?.[Number(value)] ?? String(value)).normalize("NFC");
}

function bufferOf(
  { read, size }: ShardFile,
): { byteLength: number; slice: (start: number, end?: number) => ArrayBuffer } {
  return { byteLength: size, slice: (start, end = size) => read(start, end - start).slice().buffer };
}

function tensorsOf({ lengths, labels }: Index): readonly StoredTensor[] {
  const text = new TextEncoder().encode(JSON.stringify(labels));
  return [
    { name: "lengths", dtype: "I32", shape: [lengths.length], data: new Uint8Array(lengths.buffer) },
    { name: "labels", dtype: "U8", shape: [text.length], data: text },
  ];
}

/** The index that is stored; undefined if it is another one, or the images are not there. */
function indexOf(tensors: readonly StoredTensor[], unpackedTo: string): Index | undefined {
  const lengths = tensors.find(({ name }) => name === "lengths");
  const labels = tensors.find(({ name }) => name === "labels");
  if (lengths?.dtype !== "I32" || labels?.dtype !== "U8") return undefined;
  const names = parseJson(new TextDecoder().decode(labels.data));
  const index = {
    lengths: new Int32Array(lengths.data.slice().buffer),
    labels: Either.isRight(names) ? names.right : [],
  };
  const size = index.lengths.reduce((sum, length) => sum + length, 0);
  const there = Either.tryCatch(() => Deno.statSync(unpackedTo).size, reasonOf);
  return Either.isRight(there) && there.right === size ? index as Index : undefined;
}
