/**
 * Tar files of images, such as the shards of a WebDataset. Only headers and labels are read; the images stay where they
 * are.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { extname } from "node:path";
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { Header } from "../dependencies/tar.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { isCameraRaw } from "./converted_format.ts";
import { isImageName, startsAsImage } from "./image_header.ts";
import { leftOutFolder } from "./service_folders.ts";
import { countOne, isGzip, type Shard, type ShardFile, type ShardImage } from "./shard.ts";

/** Headers and contents take whole blocks. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
const BLOCK = 512;

/** The most bytes that a label or an extended header may have. */
const MOST_TEXT = 2 ** 20;

const [regular, longName] = [["File", "OldFile", "ContiguousFile"], ["NextFileHasLongPath", "OldGnuLongPath"]];

/** Entries that hold no image although their names may be those of images, and what they are called. */
const others: Readonly<Record<string, string>> = {
  ...{ Link: "links", SymbolicLink: "links", SparseFile: "sparse files" },
  ...{ CharacterDevice: "devices and pipes", BlockDevice: "devices and pipes", FIFO: "devices and pipes" },
};

/** The fields of a sample's JSON that may name its class, the most usual first. */
const LABEL_FIELDS = ["label", "cls", "class", "class_name", "category"];

/** Entries of a tar file that have the same key. */
type Sample = {
  readonly key: string;
  /** Its first image. */
  readonly image?: Omit<ShardImage, "label">;
  readonly label?: string;
};

/** A regular file in a tar file. */
type Entry = { readonly name: string; readonly start: number; readonly length: number };

/** What an extended header says of the file that comes after it. */
type Extended = { readonly path?: string; readonly size?: number; readonly isSparse?: boolean };

/**
 * Finds the images of a tar file. A sample is consecutive entries whose names are the same up to the first dot after
 * the last slash. Its image is its first entry that is one. Its label is in an entry `.cls`, or in the field `label` of
 * an entry `.json`.
 *
 * Source: webdataset, "The WebDataset format".
 *
 * @param file The tar file.
 */
export function readTar(file: ShardFile): Shard {
  const images = new Map<string, ShardImage>(); // of two entries of one name the later one counts, as in a folder
  const leftOut = new Map<string, number>();
  const leaveOut = (kind: string) => countOne(leftOut, kind);
  let sample: Sample = { key: "" };
  const finish = (next: Sample): void => {
    if (sample.image !== undefined) {
      const { image, label } = sample;
      const before = images.get(image.name);
      if (before !== undefined) leaveOut(REPLACED);
      const said = label ?? before?.label; // its label may stand beside the earlier one
      images.set(image.name, { ...image, ...said === undefined ? {} : { label: said } });
    }
    sample = next;
  };
  const damage = forEachEntry(file, leaveOut, (entry) => {
    const base = entry.name.slice(entry.name.lastIndexOf("/") + 1);
    if (base.startsWith(".")) return leaveOut("hidden files");
    const [within] = entry.name.split("/").slice(0, -1).flatMap((folder) => leftOutFolder(folder) ?? []);
    if (within !== undefined) return leaveOut(`files in ${within}`);
    const key = entry.name.slice(0, entry.name.length - base.length) + base.split(".")[0];
    if (key !== sample.key) finish({ key });
    const extension = extname(base).toLowerCase();
    const label = labelOf(file, entry, extension);
    if (label !== undefined) {
      sample = { label, ...sample };
    } else if (isImageName(extension) || (!isCameraRaw(extension) && holdsImage(file, entry))) {
      if (sample.image !== undefined) {
        const isAgain = sample.image.name === entry.name;
        leaveOut(isAgain ? REPLACED : "further images of a sample");
        if (!isAgain) return;
      }
      const { name, start, length } = entry;
      sample = { ...sample, image: { name, part: { file: file.path, start, length } } };
    } else if (extension !== ".cls" && extension !== ".json") {
      leaveOut(extension === "" ? "entries without an extension" : `${extension} entries`);
    }
  });
  finish({ key: "" });
  return { images: [...images.values()], leftOut, ...damage === undefined ? {} : { damage } };
}

function holdsImage({ read }: ShardFile, { start, length }: Entry): boolean {
  return startsAsImage(read(start, Math.min(16, length)));
}

/** What images are that come again later under the same name. */
const REPLACED = "entries that a later one replaces";

/** Calls `f` with each regular file of a tar file. Returns why it ended early, if it did. */
function forEachEntry(
  file: ShardFile,
  leaveOut: (kind: string) => void,
  f: (entry: Entry) => void,
): string | undefined {
  const { read, size } = file;
  let extended: Extended = {}; // what was said of the next file
  for (let at = 0; at < size;) {
    const block = read(at, BLOCK);
    const end = `found the end of the file at byte ${size}`;
    if (block.length < BLOCK) return `expected a whole header at byte ${at}, ${end}`;
    const { isSparse, ...said } = extended;
    // A field of bytes that are no number throws before the checksum is looked at.
    const header = Either.getOrElse((): Header | undefined => undefined)(
      Either.tryCatch(() => new Header(Buffer.from(block.buffer, block.byteOffset, BLOCK), 0, said), reasonOf),
    );
    if (header?.nullBlock) return undefined; // which ends a tar file
    if (header === undefined || !header.cksumValid || header.size === undefined) {
      const found = at === 0 && isGzip(file) ? "a compressed file" : "other bytes";
      return `expected a tar file's header at byte ${at}, found ${found}`;
    }
    const length = header.size;
    const start = at + BLOCK + (header.type === "SparseFile" ? moreOfSparse(file, at) : 0);
    if (start + length > size) return `expected ${length} bytes from byte ${start} on, ${end}`;
    at = start + BLOCK * Math.ceil(length / BLOCK);
    const isExtended = header.type === "ExtendedHeader";
    if (isExtended || longName.includes(header.type)) {
      if (length > MOST_TEXT) return `expected a name of at most ${MOST_TEXT} bytes, found ${length}`;
      const bytes = read(start, length);
      const path = () => new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
      extended = { ...extended, ...isExtended ? extendedHeader(bytes) : { path: path() } };
    } else if (header.type !== "GlobalExtendedHeader" && header.type !== "NextFileHasLongLinkpath") {
      const other = isSparse ? others.SparseFile : others[header.type];
      if (other !== undefined) leaveOut(other);
      else if (regular.includes(header.type)) f({ name: said.path ?? header.path ?? "", start, length });
      extended = {};
    }
  }
  return undefined;
}

/**
 * The bytes of the blocks that go on with the list of a sparse file's parts, which its size does not count.
 *
 * Source: GNU tar's manual, "Old GNU Format".
 */
function moreOfSparse({ read }: ShardFile, header: number): number {
  let blocks = 0;
  let goesOn = read(header + 482, 1)[0] === 1;
  while (goesOn) {
    blocks++;
    goesOn = read(header + blocks * BLOCK + 504, 1)[0] === 1;
  }
  return blocks * BLOCK;
}

/**
 * What an extended header says: records of a length, a name and a value, which may hold any bytes.
 *
 * Source: POSIX.1-2017, pax, "pax Header Block"; GNU tar's manual, "PAX Format, Versions 0.0 and 0.1" and "1.0".
 */
function extendedHeader(bytes: Uint8Array): Extended {
  const [space, equals] = [" ", "="].map((letter) => letter.charCodeAt(0));
  const text = (start: number, end: number) => new TextDecoder().decode(bytes.subarray(start, end));
  let said: Extended = {};
  for (let at = 0; at < bytes.length;) {
    const nameAt = bytes.indexOf(space, at) + 1;
    const end = at + Number(text(at, nameAt));
    const valueAt = bytes.indexOf(equals, nameAt) + 1;
    if (nameAt === 0 || valueAt === 0 || !(end > valueAt && end <= bytes.length)) break;
    const [name, value] = [text(nameAt, valueAt - 1), text(valueAt, end - 1)]; // a line break ends it
    if (name === "path" && value !== "") said = { ...said, path: value };
    else if (name === "size" && /^\d+$/.test(value)) said = { ...said, size: Number(value) };
    else if (name.startsWith("GNU.sparse.")) said = { ...said, isSparse: true };
    at = end;
  }
  return said;
}

/** The name of a class, if the entry holds one. */
function labelOf({ read }: ShardFile, { start, length }: Entry, extension: string): string | undefined {
  if ((extension !== ".cls" && extension !== ".json") || length > MOST_TEXT) return undefined;
  const text = new TextDecoder().decode(read(start, length)).trim();
  const values = extension === ".cls" ? [text] : fieldsOf(text);
  const label = values.find((value) => typeof value === "number" || (typeof value === "string" && value !== ""));
  return label === undefined ? undefined : String(label).normalize("NFC");
}

function fieldsOf(text: string): readonly unknown[] {
  const parsed = parseJson(text);
  if (Either.isLeft(parsed) || !isRecord(parsed.right)) return [];
  const { right } = parsed;
  return LABEL_FIELDS.map((name) => right[name]);
}
