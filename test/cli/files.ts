/**
 * Files that the program reads and writes.
 *
 * @module
 */
import { decode, type StoredTensor } from "../../src/files/safetensors.ts";
import { right } from "../support/either.ts";
import { png } from "../support/image_files.ts";

/** Two classes that pixels tell apart: a bright upper half, or a bright left half. */
function idx(count: number): { readonly images: Uint8Array<ArrayBuffer>; readonly labels: Uint8Array<ArrayBuffer> } {
  const images = new Uint8Array(16 + count * 64);
  images.set([0, 0, 8, 3, 0, 0, count >> 8, count & 255, 0, 0, 0, 8, 0, 0, 0, 8]);
  const labels = new Uint8Array(8 + count);
  labels.set([0, 0, 8, 1, 0, 0, count >> 8, count & 255]);
  for (let i = 0; i < count; i++) {
    labels[8 + i] = i % 2;
    for (let pixel = 0; pixel < 64; pixel++) {
      const bright = i % 2 === 0 ? pixel < 32 : pixel % 8 < 4;
      images[16 + i * 64 + pixel] = (bright ? 180 : 20) + (i * 7 + pixel * 13) % 40;
    }
  }
  return { images, labels };
}

/** The two classes as IDX files, 40 images to train on and 20 to test with. */
export async function makeData(folder: string): Promise<string> {
  const data = `${folder}/data`;
  await Deno.mkdir(data);
  for (const [name, count] of [["train", 40], ["t10k", 20]] as const) {
    const { images, labels } = idx(count);
    await Deno.writeFile(`${data}/${name}-images-idx3-ubyte`, images);
    await Deno.writeFile(`${data}/${name}-labels-idx1-ubyte`, labels);
  }
  return data;
}

/** A folder of two classes of ten images of 32x32 each: dark and bright ones. */
export async function makeClasses(folder: string): Promise<string> {
  for (const [name, light] of [["dark", 0], ["bright", 200]] as const) {
    await Deno.mkdir(`${folder}/images/${name}`, { recursive: true });
    for (let i = 0; i < 10; i++) {
      const pixels = Array.from({ length: 32 * 32 * 3 }, (_, place) => light + (place * (i + 3)) % 50);
      await Deno.writeFile(`${folder}/images/${name}/${i}.png`, png(pixels, 32, 32));
    }
  }
  return `${folder}/images`;
}

/** The bytes of every tensor of a file, by name. */
export async function tensorsIn(path: string): Promise<Record<string, Uint8Array>> {
  const { tensors } = right(decode(await Deno.readFile(path)));
  return Object.fromEntries(tensors.map(({ name, data }) => [name, data]));
}

/** A view of 4 images of 8 x 8 pixels, as a file for `moco step` holds it. */
export function storedView(name: string, seed: number): StoredTensor {
  const values = Float32Array.from({ length: 4 * 64 }, (_, i) => Math.sin(1 + i * (seed + 1)));
  return { name, dtype: "F32", shape: [4, 8, 8, 1], data: new Uint8Array(values.buffer) };
}

/** The numbers of a float32 tensor. */
export function floats({ data }: StoredTensor): Float32Array {
  return new Float32Array(data.slice().buffer);
}
