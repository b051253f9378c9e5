/**
 * TFRecord files of `tf.train.Example`. Opening notes where each image lies. Its checksum is verified when the image
 * is read.
 *
 * @module
 */
import { exampleFeatures, type Feature, textAt } from "./example.ts";
import { type ReadAt, within } from "./read_at.ts";
import { hasIntactLength, RECORD_HEAD, RECORD_TAIL, recordLength } from "./tfrecord.ts";
import { countOne, isGzip, type Shard, type ShardFile, type ShardImage } from "./shard.ts";

/** Features that may hold the image, and those that may hold the class, the most usual first. */
const [imageNames, labelNames] = [
  ["image/encoded", "image", "image_raw", "jpg", "png"],
  ["image/class/text", "image/class/label", "label", "cls"],
];

/**
 * Finds the images of a TFRecord file.
 *
 * @param file The file.
 */
export function readTfrecord(file: ShardFile): Shard {
  const images: ShardImage[] = [];
  const leftOut = new Map<string, number>();
  const { read, size } = file;
  for (let at = 0, record = 0; at < size; record++) {
    const start = at + RECORD_HEAD;
    const length = recordLength(read, at);
    if (!(start + length + RECORD_TAIL <= size)) {
      const found = at === 0 && isGzip(file) ? "a compressed file" : `the end of the file at byte ${size}`;
      return { images, leftOut, damage: `expected a whole TFRecord from byte ${at} on, found ${found}` };
    }
    if (!hasIntactLength(read, at)) {
      return { images, leftOut, damage: `expected a TFRecord at byte ${at}, found a length of another checksum` };
    }
    at = start + length + RECORD_TAIL;
    const example = within(read, start, length);
    const features = exampleFeatures(example, length);
    const image = firstOf(features, imageNames);
    if (typeof image !== "object") {
      countOne(leftOut, features === undefined ? "records that are no tf.train.Example" : `records without an image`);
      continue;
    }
    const label = labelOf(example, features);
    images.push({
      name: String(record),
      part: { file: file.path, start: start + image.start, length: image.length, record: start - RECORD_HEAD },
      ...label === undefined ? {} : { label },
    });
  }
  return { images, leftOut };
}

/** The name of a class, if the example has one. Whoever publishes no labels for a half writes -1, or an empty text. */
function labelOf(example: ReadAt, features: ReadonlyMap<string, Feature> | undefined): string | undefined {
  for (const name of labelNames) {
    const found = features?.get(name);
    if (found === undefined) continue;
    const label = typeof found === "bigint" ? String(found) : textAt(example, found).normalize("NFC");
    if (label !== "" && !(typeof found === "bigint" && found < 0n)) return label;
  }
}

function firstOf(features: ReadonlyMap<string, Feature> | undefined, names: readonly string[]): Feature | undefined {
  const name = names.find((name) => features?.has(name));
  return name === undefined ? undefined : features?.get(name);
}
