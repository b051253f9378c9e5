/** Writes forty images of two classes as IDX files, dark ones and bright ones, and gives the path of the images. */
export async function writeTwoClasses(folder: string): Promise<string> {
  const count = 40;
  const labels = Array.from({ length: count }, (_, image) => image % 2);
  const pixels = labels.flatMap((label, image) =>
    Array.from({ length: 64 }, (_, place) => 150 * label + (place * (image + 3)) % 60)
  );
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/train-images-idx3-ubyte`;
  await Deno.writeFile(path, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 8, 0, 0, 0, 8, ...pixels));
  await Deno.writeFile(`${folder}/train-labels-idx1-ubyte`, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, count, ...labels));
  return path;
}
