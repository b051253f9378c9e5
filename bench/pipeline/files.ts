import { fileURLToPath } from "node:url";

/** Photographs that differ; all others are links to them. */
const DIFFERENT = 300;

/**
 * A new folder of photographs.
 *
 * @param python A Python with scikit-learn and Pillow.
 * @param count How many files.
 */
export async function jpegFiles(python: string, count: number): Promise<string> {
  const folder = await Deno.makeTempDir();
  const script = fileURLToPath(new URL("./photographs.py", import.meta.url));
  const made = await new Deno.Command(python, { args: [script, folder, String(Math.min(count, DIFFERENT))] }).output();
  if (!made.success) throw new Error(`Cannot make photographs: ${new TextDecoder().decode(made.stderr)}`);
  for (let index = DIFFERENT; index < count; index++) {
    const name = (number: number) => `${folder}/${String(number).padStart(4, "0")}.jpg`;
    await Deno.link(name(index % DIFFERENT), name(index));
  }
  return folder;
}
