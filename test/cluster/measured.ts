/**
 * Features of small data sets, which several processes compute together, or one that stands for all of them.
 *
 * @module
 */
import type { Devices } from "../../src/core/devices.ts";
import type { ImageFiles, Images } from "../../src/data/types.ts";
import { labelledFeatures, pixels } from "../../src/evaluate/features.ts";
import { png } from "../support/image_files.ts";

/** Features, row by row, and the label of each row. */
export type Measured = { readonly features: readonly number[]; readonly labels: readonly number[] };

/** What the devices get of each data set. */
export async function measure(devices: Devices): Promise<readonly Measured[]> {
  const folder = await Deno.makeTempDir();
  try {
    const sets = [
      { ...inMemory(11), batch: 2 },
      { ...inMemory(3), batch: 250 }, // some of four processes have no image
      { ...await inFiles(folder, 10), batch: 2 },
    ];
    const measured: Measured[] = [];
    for (const { batch, ...data } of sets) {
      const { features, labels } = await labelledFeatures(pixels, data, { devices, batch });
      measured.push({ features: [...features.dataSync()], labels: Array.from(labels) });
    }
    return measured;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const labelsOf = (count: number) => Uint8Array.from({ length: count }, (_, index) => 3 * index);

function inMemory(count: number): Images & { readonly labels: Uint8Array } {
  const images = Uint8Array.from({ length: 2 * count }, (_, index) => 5 * index);
  return { images, count, height: 1, width: 2, channels: 1, labels: labelsOf(count) };
}

/** Files of which some cannot be read. */
async function inFiles(folder: string, count: number): Promise<ImageFiles & { readonly labels: Uint8Array }> {
  const paths = Array.from({ length: count }, (_, index) => `${folder}/${index}.png`);
  for (const [index, path] of paths.entries()) {
    if (index !== 1 && index !== 5) await Deno.writeFile(path, png([10 * index, 7, 7, 7], 2, 2));
  }
  return { name: "files", paths, count, height: 2, width: 2, channels: 1, labels: labelsOf(count) };
}
