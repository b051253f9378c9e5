/** Damaged image files: none of them ends the process, hangs it, or takes a gigabyte. */
import { assert, assertEquals } from "@std/assert";
import { Either } from "../../src/core/either.ts";
import { dispose } from "../../src/core/scope.ts";
import { words } from "../../src/data/philox.ts";
import { resizedBox } from "../../src/data/placement.ts";
import { planImage } from "../../src/data/planned_image.ts";
import { viewStream } from "../../src/data/view_stream.ts";
import { withCache } from "../support/cache_folder.ts";

const folders = ["golden/images", "fixtures/shards/formats"].map((path) => new URL(`../${path}/`, import.meta.url));
const images = folders.flatMap((folder) => [...Deno.readDirSync(folder)].map(({ name }) => new URL(name, folder)));

/** Damaged files of each format. */
const COUNT = 300;

/** A file with one kind of damage, in a place that the numbers say. */
function damaged(file: Uint8Array<ArrayBuffer>, draw: () => number): Uint8Array<ArrayBuffer> {
  const at = draw() % file.length;
  const near = draw() % Math.min(64, file.length); // headers lie at the beginning
  const length = 1 + draw() % 64;
  const changed = file.slice();
  switch (draw() % 6) {
    case 0:
      return file.slice(0, at);
    case 1:
      changed[at] ^= 1 + draw() % 255;
      return changed;
    case 2:
      changed[near] ^= 1 + draw() % 255;
      return changed;
    case 3:
      return changed.fill(0, at, at + length);
    case 4:
      return changed.fill(255, near, near + 4);
    default:
      return Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + length)]);
  }
}

for (const format of ["jpg", "png", "gif", "bmp", "webp", "tif", "avif", "heic"]) {
  Deno.test(`${COUNT} damaged files (${format}) end as images or as reasons`, async () => {
    const files = images.filter(({ pathname }) => pathname.endsWith(format)).map((file) => Deno.readFileSync(file));
    const directory = await Deno.makeTempDir();
    const stream = viewStream({ views: 1, size: 8, channels: 3, batch: 1 });
    const draw = words([1, 2], [0, 0, format.charCodeAt(0)]);
    const before = Deno.memoryUsage().rss;
    let [read, refused, most] = [0, 0, 0];
    for (let index = 0; index < COUNT; index++) {
      const path = `${directory}/${index}`;
      Deno.writeFileSync(path, damaged(files[index % files.length], draw));
      const box = (height: number, width: number) => [resizedBox({ top: 0, left: 0, height, width }, 8)];
      const recover = index % 2 === 0;
      const limits = { pixels: 2 ** 24 };
      const planned = await withCache(directory, () => planImage(path, box, 8, { recover, limits }));
      if (Either.isLeft(planned)) {
        refused++;
        continue;
      }
      const [result] = stream.each([planned.right]);
      if (result instanceof Error) refused++;
      else {
        read++;
        assertEquals(result[0].shape, [8, 8, 3]);
        dispose({ view: result[0] });
      }
      most = Math.max(most, Deno.memoryUsage().rss - before);
    }
    stream.close();
    await Deno.remove(directory, { recursive: true });
    assertEquals(read + refused, COUNT);
    assert(refused > COUNT / 20 && read > 0, `${read} read, ${refused} refused`);
    assert(most < 2 ** 29, `expected less than 512 MiB more, found ${(most / 2 ** 20).toFixed()}`);
  });
}
