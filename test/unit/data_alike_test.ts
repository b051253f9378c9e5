import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dispose } from "../../src/core/scope.ts";
import { alikeViews, areAlike } from "../../src/data/alike_views.ts";
import { type CentralViews, centralViews } from "../../src/data/central_views.ts";
import { withCopies } from "../../src/data/copies.ts";
import { cutOf } from "../../src/data/cut.ts";
import { openImage } from "../../src/data/image_source.ts";
import { inMemory } from "../../src/data/in_order.ts";
import { lookAt } from "../../src/data/look.ts";
import { centralView } from "../../src/data/placement.ts";
import { planImage } from "../../src/data/planned_image.ts";
import { PAGE, readerOfFile } from "../../src/data/read_at.ts";
import { sampleViews } from "../../src/data/sample_views.ts";
import type { ImageFiles, SkippedImage } from "../../src/data/types.ts";
import { elementFunction } from "../../src/engine/data/mod.ts";
import { readBytes } from "../../src/engine/mod.ts";
import { right } from "../support/either.ts";
import { bmp, jpeg, paletteBmp, png, redThenBlueGif, withFiles } from "../support/image_files.ts";

const [height, width] = [8, 12];

/** Pixels [height, width, channels] that differ from image to image and from place to place. */
const pixels = (image: number, channels: number) =>
  Array.from({ length: height * width * channels }, (_, at) => ((at + 31 * image + 7) * 2654435761) >>> 24);

/** Three files of each encoding, which are alike. */
const encodings = {
  grey: [0, 1, 2].map((image) => png(pixels(image, 1), height, width)),
  colour: [0, 1, 2].map((image) => png(pixels(image, 3), height, width)),
  transparent: [0, 1, 2].map((image) => png(pixels(image, 4), height, width)),
  jpeg: [0, 1, 2].map((image) => jpeg(pixels(image, 3), height, width)),
  bmp: [0, 1, 2].map((image) => bmp(pixels(image, 3), height, width)),
};

/** The plan of the central view of an image. */
const planned = (path: string, size = height, recover = false) =>
  right(planImage(path, (rows, columns) => [centralView(rows, columns, rows, size)], size, { recover }));

const bytesOf = ({ images }: CentralViews): number[] => {
  const bytes = [...readBytes(images)];
  dispose({ images });
  return bytes;
};

Deno.test("images that are alike have the views that each has among others", async () => {
  const other = png(pixels(9, 3).slice(0, 3 * 8 * 8), 8, 8);
  for (const [name, files] of Object.entries(encodings)) {
    const named = Object.fromEntries(files.map((file, image) => [`${image}`, file]));
    await withFiles({ ...named, other }, (folder) => {
      const paths = files.map((_, image) => `${folder}/${image}`);
      assert(areAlike(paths.map((path) => planned(path))), name);
      // An image of another size is resized to 8 pixels first, so that of 5 of them something is cut off at all sides.
      for (const { size, channels } of [{ size: 8, channels: 1 }, { size: 5, channels: 3 }] as const) {
        const options = { size, shorter: 8, channels };
        const [together] = centralViews({ source: { name, paths }, batch: 3, ...options });
        const mixed = { name, paths: [...paths, `${folder}/other`] };
        const [each] = centralViews({ source: mixed, batch: 4, ...options });
        assertEquals(together.images.shape, [3, size, size, channels]);
        const of = bytesOf(together);
        assertEquals(of, bytesOf(each).slice(0, of.length), `${name}, ${size} pixels, ${channels} channels`);
        assertEquals([together.index, together.sizes], [[0, 1, 2], Array(3).fill({ height, width })]);
      }
      return Promise.resolve();
    });
  }
});

Deno.test("images are alike if nothing tells how one is treated from how another is", async () => {
  const [first, second] = encodings.colour;
  const files = {
    ...{ first, second, jpeg: encodings.jpeg[0], transparent: encodings.transparent[0] },
    wide: png(pixels(0, 3), 6, 16),
    palette: paletteBmp(pixels(0, 1).map((place) => place % 2), height, width, [1, 2, 3, 0, 4, 5, 6, 0]),
    large: png(Array.from({ length: 3 * 60 * 60 }, (_, at) => Math.imul(at * at, 2654435761) >>> 24), 60, 60),
  };
  await withFiles(files, (folder) => {
    const at = (name: keyof typeof files, size?: number) => planned(`${folder}/${name}`, size);
    assert(areAlike([at("first"), at("second")]));
    for (const name of ["jpeg", "transparent", "wide", "palette"] as const) {
      assert(!areAlike([at("first"), at(name)]), name);
    }
    assert(!areAlike([at("first", 8), at("first", 6)]));
    assert(!areAlike([at("palette"), at("palette")])); // each has colours of its own
    assert(files.large.length > PAGE && !areAlike([at("large"), at("large")])); // which TensorFlow reads
    assert(areAlike([planned(`${folder}/jpeg`, 8, true), planned(`${folder}/jpeg`, 8, true)]));
    assert(!areAlike([planned(`${folder}/jpeg`, 8, true), planned(`${folder}/jpeg`, 8, false)]));
    const resized = right(planImage(`${folder}/first`, (rows, columns) => [centralView(rows, columns, 4, 4)], 4, {}));
    assert(!areAlike([resized, resized]));
    return Promise.resolve();
  });
});

Deno.test("a view is cut out of an image that is neither turned nor resized, whose bytes are there", () => {
  const header = { encoding: "png", height: 8, width: 12, orientation: 1 } as const;
  const box = { top: 1, left: 2, height: 6, width: 9 };
  const whole = { box, grid: { height: 6, width: 9 }, offset: { top: 0, left: 3 } };
  const memory = { from: "memory" } as const;
  assertEquals(cutOf(header, [whole], memory), { encoding: "png", height: 8, width: 12, top: 1, left: 5 });
  assertEquals(cutOf({ ...header, orientation: 3 }, [whole], memory), undefined);
  assertEquals(cutOf({ ...header, encoding: "bmp-palette" }, [whole], memory), undefined);
  assertEquals(cutOf(header, [{ ...whole, grid: { height: 3, width: 9 } }], memory), undefined);
  assertEquals(cutOf(header, [{ ...whole, grid: { height: 6, width: 8 } }], memory), undefined);
  assertEquals(cutOf(header, [whole, whole], memory), undefined);
  assertEquals(cutOf(header, [whole], { from: "file" }), undefined);
});

Deno.test("of images that are alike, one that is damaged is left out", async () => {
  const [first, second, third] = encodings.colour;
  await withFiles({ a: first, b: second.subarray(0, second.length - 40), c: third }, (folder) => {
    const paths = ["a", "b", "c"].map((name) => `${folder}/${name}`);
    const skipped: SkippedImage[] = [];
    const options = { batch: 3, size: 8, onSkip: (image: SkippedImage) => void skipped.push(image) };
    const [views] = centralViews({ source: { name: "three", paths }, ...options });
    assertEquals(views.index, [0, 2]);
    assertEquals(skipped.map(({ path }) => path), [paths[1]]);
    assertStringIncludes(skipped[0].reason, "damaged or not supported (");
    const images = [paths[0], paths[2]].map((path) => planned(path));
    assertEquals(bytesOf(views), areAlike(images) && [...readBytes(alikeViews(images, { size: 8, channels: 3 }))]);
    return Promise.resolve();
  });
});

/** How many functions of TensorFlow's were traced before. */
const tracedSoFar = () => {
  const place = { dtype: "int32", shape: [] } as const;
  const { name } = elementFunction(`probe ${crypto.randomUUID()}`, [place], ([x]) => [x]);
  return Number(/^traced_(\d+)_/.exec(name)![1]);
};

Deno.test("a second pass over images traces no function again", async () => {
  const [first, second] = encodings.colour;
  await withFiles({ a: first, b: second, c: encodings.jpeg[0] }, async (folder) => {
    const source = (...names: readonly string[]): ImageFiles => ({
      ...{ name: "some", paths: names.map((name) => `${folder}/${name}`), count: names.length },
      ...{ height: 8, width: 8, channels: 3 },
    });
    const pass = async () => {
      inMemory(source("a", "b")); // which are alike
      const mixed = source("a", "b", "c");
      inMemory(mixed);
      lookAt(mixed);
      const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
      const { whole, crops } = sampleViews(mixed, { images: 2, views: 2, size: 8, boxes: [law, law], seed: 0 });
      [whole, ...crops].forEach(dispose);
      const cache = `${folder}/${crypto.randomUUID()}`;
      right(await withCopies(mixed, { cache, root: folder, shorter: 4, notify: () => {} })());
    };
    await pass();
    const before = tracedSoFar();
    await pass();
    assertEquals(tracedSoFar() - before, 1); // the probe itself
  });
});

Deno.test("images of many sizes do not have a function each, and a single image has none", async () => {
  const sizes = Array.from({ length: 40 }, (_, index) => [8, 8 + index] as const);
  const files = Object.fromEntries(
    sizes.flatMap(([rows, columns], index) =>
      ["a", "b"].map((name) => [`${100 + index}${name}`, png(Array(3 * rows * columns).fill(index), rows, columns)])
    ),
  );
  await withFiles(files, (folder) => {
    const paths = Object.keys(files).toSorted().map((name) => `${folder}/${name}`);
    const seen = (batch: number) => {
      const before = tracedSoFar();
      const views = Array.from(centralViews({ source: { name: "many", paths }, batch, size: 8 }), bytesOf);
      assertEquals(views.flat(), sizes.flatMap((_, index) => Array(2 * 3 * 8 * 8).fill(index)));
      return tracedSoFar() - before - 1;
    };
    seen(1); // traces what treats any image
    assertEquals(seen(1), 0);
    const traced = seen(2);
    assert(traced > 0 && traced <= 32, `${traced}`);
    return Promise.resolve();
  });
});

Deno.test("a small file is read once, and its bytes are known", async () => {
  const [small] = encodings.grey;
  const large = Uint8Array.from({ length: 2 * PAGE }, (_, at) => at < small.length ? small[at] : at & 255);
  await withFiles({ small, large, "two.gif": redThenBlueGif() }, async (folder) => {
    const opened = right(openImage(`${folder}/small`));
    assertEquals([opened.contents, opened.source], [small, small]);
    assertEquals(right(openImage(`${folder}/large`)).contents, undefined);
    assertEquals(right(openImage(`${folder}/two.gif`)).contents, undefined); // what is decoded is its first frame
    using file = await Deno.open(`${folder}/small`);
    const read = readerOfFile(file, small.length);
    assertEquals(read(0, 4), small.slice(0, 4));
    await Deno.writeFile(`${folder}/small`, new Uint8Array(small.length));
    assertEquals(read(10, 2 * PAGE), small.slice(10));
    using other = await Deno.open(`${folder}/large`);
    const readLarge = readerOfFile(other, large.length);
    assertEquals(readLarge(0, 4), large.slice(0, 4));
    assertEquals(readLarge(PAGE - 2, 4), large.slice(PAGE - 2, PAGE + 2));
    assertEquals(readLarge(4, 2 * PAGE), large.slice(4));
    assertEquals(readLarge(2 * PAGE - 3, 9), large.slice(-3));
    assertEquals([readLarge(2 * PAGE, 1), readLarge(2 * PAGE + 5, 1)].map(({ length }) => length), [0, 0]);
  });
});
