/**
 * The small collection of photographs with the vectors of a real encoder, for tests that embed further images.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { embed } from "../../src/run/embed.ts";
import { type Collection, openCollection } from "../../src/search/collection/collection.ts";
import { right } from "./either.ts";
import { photos } from "./photo_collection.ts";

const weights = fileURLToPath(new URL("../fixtures/interchange/torchvision_resnet18.pth", import.meta.url));

/** Embeds the photographs with a small ResNet into a collection, which is open while `f` runs. */
export async function withEmbeddedPhotos(f: (collection: Collection, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const { path, bytes } of photos()) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    const to = `${folder}/photos.moco`;
    const data = { name: "folder", path: `${folder}/photos` } as const;
    right(await embed({ weights, data, augment: { size: 32 }, to })());
    const collection = right(await openCollection(to, { write: true })());
    try {
      await f(collection, folder);
    } finally {
      collection.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
