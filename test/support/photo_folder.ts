import { dirname, join } from "node:path";
import { png } from "./image_files.ts";

/** Writes a PNG of 8 x 8 pixels that depends on a number. */
export async function writePhoto(path: string, number: number): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(
    path,
    png(Array.from({ length: 8 * 8 * 3 }, (_, i) => (i * (number + 3) * 7 + number) % 256), 8, 8),
  );
}

/** A folder with so many images of each of two classes. */
export async function photoFolder(folder: string, count: number): Promise<string> {
  for (const label of ["cat", "dog"]) {
    for (let i = 0; i < count; i++) {
      await writePhoto(join(folder, label, `${i}.png`), i + (label === "cat" ? 0 : count));
    }
  }
  return folder;
}
