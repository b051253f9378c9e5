/** Tar, Parquet and TFRecord files: their images, labels and halves, and what is said of damaged ones. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { copy } from "../support/copy.ts";
import { dispose } from "../../src/core/scope.ts";
import { digestOf } from "../../src/data/data_digest.ts";
import { renderDataError } from "../../src/data/errors.ts";
import { type FolderOptions, loadFolder } from "../../src/data/folder.ts";
import { inMemory } from "../../src/data/in_order.ts";
import { openImage } from "../../src/data/image_source.ts";
import { words } from "../../src/data/philox.ts";
import { maskedChecksum } from "../../src/data/tfrecord.ts";
import { select } from "../../src/data/select.ts";
import { shardIn } from "../../src/data/shard_image.ts";
import type { ImageFiles, SkippedImage, Split } from "../../src/data/types.ts";
import { viewBatches } from "../../src/data/view_batches.ts";
import { listingOf } from "../../src/run/listing.ts";
import { readBytes } from "../../src/engine/mod.ts";
import { fileURLToPath } from "node:url";
import { right } from "../support/either.ts";
import { withCache } from "../support/cache_folder.ts";
import { png, redThenBlueGif, withFiles } from "../support/image_files.ts";
import { paxHeader, tar, tarEntry, tarOf } from "../support/tar.ts";

const fixtures = fileURLToPath(new URL("../fixtures/shards", import.meta.url));

type Found = Split<ImageFiles> & { readonly notices: readonly string[] };

/** The images at a path; an error as text. */
async function find(path: string, cache: string, options: FolderOptions = {}): Promise<Found | string> {
  const notices: string[] = [];
  const loaded = await withCache(
    cache,
    loadFolder(path, { size: 8, ...options, notify: (line) => notices.push(line) }),
  );
  if (loaded._tag === "Left") return renderDataError(loaded.left);
  return { ...loaded.right, notices };
}

async function found(path: string, cache: string, options?: FolderOptions): Promise<Found> {
  const images = await find(path, cache, options);
  if (typeof images === "string") throw new Error(images);
  return images;
}

/** What random views of some images are: all bytes of two epochs. */
function viewsOf(source: ImageFiles, onSkip?: (skipped: SkippedImage) => void): readonly number[] {
  const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
  const batches = viewBatches({ source, batch: 2, seed: 5, size: 8, boxes: [law, law], onSkip });
  const bytes: number[] = [];
  for (const epoch of [0, 1]) {
    for (const { images, index } of batches.epoch(epoch)) {
      bytes.push(...readBytes(images.query), ...readBytes(images.key), ...index.dataSync());
      dispose({ ...images, index });
    }
  }
  batches.close();
  return bytes;
}

/** The classes of images, by name. */
const classesOf = ({ labels, classes }: ImageFiles) => [...labels ?? []].map((label) => classes?.[label]);

Deno.test("the same seed gives the same views of images in shards as of the same images in a folder", () =>
  withFiles({}, async (cache) => {
    const { train: folder } = await found(`${fixtures}/folder`, cache);
    for (const kind of ["tar", "tfrecord"]) {
      const { train, test } = await found(`${fixtures}/${kind}`, cache);
      assertEquals([train.count, test], [8, undefined], kind);
      assertEquals(viewsOf(train), viewsOf(folder), kind);
      assertEquals(inMemory(train).images, inMemory(folder).images, `central views of ${kind}`);
      assertEquals([...train.labels!], [...folder.labels!], kind);
    }
    const [trained, tested] = [[0, 1, 2, 4, 5, 6], [3, 7]].map((places) => select(folder, places));
    const { train, test } = await found(`${fixtures}/parquet`, cache);
    assertEquals(viewsOf(train), viewsOf(trained), "parquet");
    assertEquals(inMemory(test!).images, inMemory(tested).images);
    assertEquals([classesOf(train), classesOf(test!)], [classesOf(trained), classesOf(tested)]);
  }));

Deno.test("what is said of shards: where their images lie, the classes and the halves", () =>
  withFiles({}, async (cache) => {
    const said = async (path: string) =>
      (await found(path, cache)).notices.map((line) => line.replaceAll(fixtures, "PATH").replaceAll(cache, "CACHE"));
    assertEquals(await said(`${fixtures}/tar`), [
      "8 images to train on in PATH/tar, 2 classes, from 4 (0) to 4 (1)",
      "Warning: too few images to measure well (fewer than 5): 0 (4), 1 (4)",
      "The images of PATH/tar are in .tar files: 2",
    ]);
    const [first, second, third, ...rest] = await said(`${fixtures}/parquet`);
    assertEquals([first, second, third], [
      "Unpacking the images of PATH/parquet/data/test-00000-of-00001.parquet once, into CACHE/data",
      "Unpacking the images of PATH/parquet/data/train-00000-of-00002.parquet once, into CACHE/data",
      "Unpacking the images of PATH/parquet/data/train-00001-of-00002.parquet once, into CACHE/data",
    ]);
    assertEquals(rest[0], "6 images to train on in PATH/parquet (train), 2 classes, from 3 (cat) to 3 (dog)");
    assertEquals((await said(`${fixtures}/parquet`))[0], rest[0], "the second time, nothing is unpacked");
  }));

Deno.test("halves are known by names of every writer, and shards of one kind are counted together", () =>
  withFiles({}, async (folder) => {
    const parts = { train: "train-00001-of-00002", test: "test-00000-of-00001" };
    for (const name of ["hub", "sets"]) await Deno.mkdir(`${folder}/${name}`);
    for (const [half, name] of Object.entries(parts)) {
      await copy(
        `${fixtures}/parquet/data/${name}.parquet`,
        `${folder}/hub/${half}-00000-of-00001-b42a775f407cee45.parquet`,
      );
    }
    const { train, test } = await found(`${folder}/hub`, folder);
    assertEquals([train, test!].map(({ paths: [path] }) => path.includes("/test-")), [false, true]);
    for (const part of [0, 1]) {
      const name = "-of-00002";
      await copy(
        `${fixtures}/tfrecord/photos-0000${part}${name}`,
        `${folder}/sets/p-train.tfrecord-0000${part}${name}`,
      );
    }
    const { notices } = await found(`${folder}/sets`, folder);
    assert(notices.includes(`The images of ${folder}/sets are in TFRecord files: 2`), notices.join("\n"));
  }));

Deno.test("what a killed program had unpacked of a Parquet file goes after an hour", () =>
  withFiles({}, async (cache) => {
    const path = `${fixtures}/parquet/data/test-00000-of-00001.parquet`;
    const inCache = () => Array.from(Deno.readDirSync(`${cache}/data`), ({ name }) => name);
    await found(path, cache);
    const [images, index] = [".images", ".safetensors"].map((end) => inCache().find((name) => name.endsWith(end))!);
    await Deno.remove(`${cache}/data/${index}`);
    const partials = ["0123abcd", "4567abcd"].map((own) => `.${images}.${own}.partial`);
    for (const name of partials) await Deno.writeTextFile(`${cache}/data/${name}`, "a part");
    await Deno.utime(`${cache}/data/${partials[0]}`, 0, 0);
    await found(path, cache);
    assertEquals(inCache().toSorted(), [partials[1], images, index].toSorted());
  }));

Deno.test("a path may be one shard, or a name with braces that stands for several", () =>
  withFiles({}, async (cache) => {
    const { train: all } = await found(`${fixtures}/tar/photos-{000..001}.tar`, cache);
    assertEquals(all.count, 8);
    const { train: one } = await found(`${fixtures}/tar/photos-001.tar`, cache);
    assertEquals(one.count, 3);
    const { train, test } = await found(`${fixtures}/tar/photos-000.tar`, cache, {
      testPath: `${fixtures}/tar/photos-{001,001}.tar`,
    });
    assertEquals([train.count, test?.count], [5, 6]);
    assertEquals(
      await find(`${fixtures}/tar/photos-{000..002}.tar`, cache),
      `Cannot read ${fixtures}/tar/photos-002.tar: no such file or folder`,
    );
    assertEquals(
      await find(`${fixtures}/tar/photos-{2..1}.tar`, cache),
      `Cannot read ${fixtures}/tar/photos-{2..1}.tar: expected ascending numbers in ${fixtures}/tar/photos-{2..1}.tar, ` +
        "found none",
    );
  }));

Deno.test("an archive beside the images of a folder is left out, and kinds of shards are not mixed", () =>
  withFiles({}, async (folder) => {
    await copy(`${fixtures}/folder`, `${folder}/photos`);
    await copy(`${fixtures}/tar/photos-000.tar`, `${folder}/photos/all.tar`);
    const { train, notices } = await found(`${folder}/photos`, folder);
    assertEquals(train.count, 8);
    assert(notices.includes(`Left out in ${folder}/photos: .tar files: 1`), notices.join("\n"));

    await copy(`${fixtures}/tar`, `${folder}/mixed`);
    await copy(`${fixtures}/parquet/data/test-00000-of-00001.parquet`, `${folder}/mixed/a.parquet`);
    assertEquals(
      await find(`${folder}/mixed`, folder),
      `Cannot read ${folder}/mixed: the folder: expected shards of one kind, found .parquet files: 1; .tar files: 2`,
    );
  }));

Deno.test("the name of a shard says how it is read, and those of the folders around it do not", () =>
  withFiles({ "imagenet.tfrecord/notes.txt": "" }, async (folder) => {
    const shards = `${folder}/imagenet.tfrecord`;
    await copy(`${fixtures}/tar/photos-000.tar`, `${shards}/photos-000.tar`);
    assertEquals((await found(shards, folder)).train.count, 5);
    assertEquals(shardIn(`${shards}/photos-000.tar/0000.jpg`), `${shards}/photos-000.tar`);
    assertEquals(shardIn(`${shards}/notes.txt/0000.jpg`), undefined);
  }));

Deno.test("a digest tells the images of shards apart, wherever the shards lie", () =>
  withFiles({}, async (folder) => {
    await copy(`${fixtures}/tar`, `${folder}/moved`);
    const digest = async (path: string) => digestOf((await found(path, folder)).train);
    const before = await digest(`${fixtures}/tar`);
    assertEquals(await digest(`${folder}/moved`), before);
    await Deno.rename(`${folder}/moved/photos-000.tar`, `${folder}/moved/photos-002.tar`);
    assertNotEquals(await digest(`${folder}/moved`), before);
  }));

Deno.test("a tar file that ends early gives the images before its end, one that is no tar file none", () =>
  withFiles({}, async (folder) => {
    const whole = await Deno.readFile(`${fixtures}/tar/photos-000.tar`);
    await Deno.writeFile(`${folder}/a.tar`, whole.subarray(0, 8_000));
    const { train, notices } = await found(`${folder}/a.tar`, folder);
    assert(train.count > 0 && train.count < 5, `${train.count}`);
    assertEquals(
      notices.filter((line) => line.startsWith("Cannot")),
      [
        `Cannot read ${folder}/a.tar to its end: expected 1837 bytes from byte 7168 on, found the end of the file at ` +
        `byte 8000. ${train.count} images before that are used.`,
      ],
    );
    const others = {
      "text.tar": [new TextEncoder().encode("no archive".repeat(100)), "other bytes"],
      "packed.tar": [Uint8Array.from([0x1f, 0x8b, ...Array(600).fill(7)]), "a compressed file"],
    } as const;
    for (const [name, [bytes, what]] of Object.entries(others)) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
      const said = await find(`${folder}/${name}`, folder);
      assertEquals(said, `Cannot read ${folder}/${name}: expected a tar file's header at byte 0, found ${what}`);
    }
  }));

Deno.test("names in a tar file are only names: none leads out of it", () =>
  withFiles({}, async (folder) => {
    const image = await Deno.readFile(`${fixtures}/folder/cat/0000.jpg`);
    const entries = ["../../etc/a.jpg", "/b.jpg", "x/../c.jpg", "d.jpg", `${"long/".repeat(40)}e.jpg`, ".f.jpg"];
    await Deno.writeFile(`${folder}/escapes.tar`, tar(Object.fromEntries(entries.map((name) => [name, image]))));
    const { train, notices } = await found(`${folder}/escapes.tar`, folder, { labels: "none" });
    assertEquals(train.count, 5);
    assertEquals(new Set(train.parts!.map((part) => part!.file)), new Set([`${folder}/escapes.tar`]));
    assert(notices.some((line) => line.includes("hidden files: 1")), notices.join("\n"));
    assertEquals(inMemory(train).count, 5);
  }));

Deno.test("what is left out of a folder is left out of a tar file", () =>
  withFiles({}, async (folder) => {
    const image = await Deno.readFile(`${fixtures}/folder/cat/0000.jpg`);
    const names = ["./cat/0.jpg", "dog/0.jpg", "cat/@eaDir/0.jpg/THUMB.jpg", ".thumbnails/0.jpg", "cat/raw.nef"];
    const raw = new TextEncoder().encode("II*\0rest of it");
    const entries = Object.fromEntries(names.map((name) => [name, name.endsWith("nef") ? raw : image]));
    await Deno.writeFile(`${folder}/a.tar`, tar(entries));
    const { train, notices } = await found(`${folder}/a.tar`, folder);
    assertEquals([train.count, train.classes], [2, ["cat", "dog"]]);
    assertStringIncludes(
      notices.join("\n"),
      "files in service folders (@eaDir): 1; files in hidden folders: 1; .nef entries: 1",
    );
  }));

Deno.test("an extended header names a file, whatever its own header says, and a name may hold a line break", () =>
  withFiles({}, async (folder) => {
    const image = await Deno.readFile(`${fixtures}/folder/cat/0000.jpg`);
    const named = (
      path: string,
    ) => [...paxHeader({ mtime: "1.5", path }), ...tarEntry("x.jpg", image, { prefix: "pre" })];
    const names = ["caf\u00e9/0.jpg", "tea/two\nlines=1.jpg", `tea/${"long".repeat(40)}.jpg`];
    const link = paxHeader({ linkpath: "elsewhere" });
    const path = `${folder}/pax.tar`;
    await Deno.writeFile(path, tarOf(...names.map(named), link, tarEntry("plain/2.jpg", image, { prefix: "tea" })));
    const { train } = await found(path, folder);
    assertEquals(train.paths, [...names, "tea/plain/2.jpg"].map((name) => `${path}/${name}`));
    assertEquals(classesOf(train), ["caf\u00e9", "tea", "tea", "tea"]);
  }));

Deno.test("entries of a tar file that hold no image are counted by what they are, and empty ones are empty", () =>
  withFiles({}, async (folder) => {
    const image = await Deno.readFile(`${fixtures}/folder/cat/0000.jpg`);
    const none = new Uint8Array();
    const path = `${folder}/others.tar`;
    const entries = [
      tarEntry("cats/", none, { type: "5" }),
      tarEntry("cats/0.jpg", image),
      tarEntry("cats/1.jpg", none, { type: "1" }),
      tarEntry("cats/2.jpg", none, { type: "2" }),
      tarEntry("cats/3.jpg", image, { type: "S" }),
      [...paxHeader({ "GNU.sparse.major": "1", "GNU.sparse.name": "4.jpg" }), ...tarEntry("cats/4.jpg", image)],
      tarEntry("cats/5.jpg", none, { type: "6" }),
      tarEntry("README", none),
      tarEntry("cats/6.jpg", image),
    ];
    await Deno.writeFile(path, tarOf(...entries));
    const { train, notices } = await found(path, folder);
    assertEquals(train.paths, ["cats/0.jpg", "cats/6.jpg"].map((name) => `${path}/${name}`));
    assertEquals(
      notices.at(-1),
      `Left out in ${path}: links: 2; sparse files: 2; devices and pipes: 1; entries without an extension: 1`,
    );
    // What comes after an empty file is no part of it.
    await Deno.writeFile(path, tarOf(tarEntry("README", none), tarEntry("GIF8", image), tarEntry("0.jpg", image)));
    assertEquals((await found(path, folder)).train.paths, ["GIF8", "0.jpg"].map((name) => `${path}/${name}`));
  }));

Deno.test("a TFRecord without a label is one without a label: -1, and an empty text; and names are composed", () =>
  withFiles({}, async (folder) => {
    const image = png([1, 2, 3], 1, 1);
    const path = `${folder}/a.tfrecord`;
    const write = async (...labels: readonly (string | number)[]) => {
      const records = labels.map((label) => recordOf(exampleOf(image, label)));
      await Deno.writeFile(path, Uint8Array.from(records.flatMap((record) => [...record])));
      return (await found(path, folder)).train;
    };
    assertEquals((await write(-1, -1, "", "")).classes, undefined);
    const labelled = await write("cafe\u0301", "caf\u00e9", 3, 0);
    assertEquals(classesOf(labelled), ["caf\u00e9", "caf\u00e9", "3", "0"]);
  }));

Deno.test("a TFRecord whose checksum is wrong is a skipped image; one whose length is wrong ends its file", () =>
  withFiles({}, async (folder) => {
    const path = `${folder}/a.tfrecord`;
    const whole = await Deno.readFile(`${fixtures}/tfrecord/photos-00000-of-00002`);
    await Deno.writeFile(path, whole);
    const { train } = await found(path, folder);
    const { start, length } = train.parts![1]!;
    await Deno.writeFile(path, whole.with(start + length - 3, whole[start + length - 3] ^ 1));
    const skipped: SkippedImage[] = [];
    viewsOf((await found(path, folder)).train, (image) => skipped.push(image));
    assertEquals(skipped.map(({ path }) => path), [train.paths[1]]);
    assertEquals(skipped[0].reason, "expected a TFRecord with the checksum that it states, found another one");

    const second = train.parts![1]!.record!;
    await Deno.writeFile(path, whole.with(second + 5, 1));
    const cut = await found(path, folder);
    assertEquals(cut.train.count, 1);
    assert(
      cut.notices.includes(
        `Cannot read ${path} to its end: expected a whole TFRecord from byte ${second} on, found the end of the file at ` +
          `byte ${whole.length}. 1 image before that is used.`,
      ),
      cut.notices.join("\n"),
    );
  }));

Deno.test("the checksum of a TFRecord is verified whatever the format of its image", () =>
  withFiles({}, (folder) => {
    const tiff = Deno.readFileSync(`${fixtures}/formats/picture.tif`);
    const records = [png([1, 2, 3], 1, 1), redThenBlueGif(), tiff].map((image) => recordOf(exampleOf(image)));
    // A bit of the second frame, which is not decoded, and one of a pixel.
    const damaged = records.map((record, index) => {
      const at = index === 2 ? Math.floor(record.length / 2) : record.length - 10;
      return record.with(at, record[at] ^ 1);
    });
    return withCache(`${folder}/cache`, async () => {
      for (const [name, all, count] of [["whole", records, 0], ["damaged", damaged, 3]] as const) {
        const path = `${folder}/${name}.tfrecord`;
        await Deno.writeFile(path, Uint8Array.from(all.flatMap((record) => [...record])));
        const { skipped = [] } = inMemory((await found(path, `${folder}/cache`)).train);
        const reason = "expected a TFRecord with the checksum that it states, found another one";
        assertEquals(skipped.map(({ reason }) => reason), Array(count).fill(reason));
      }
    });
  }));

Deno.test("one damaged header of a tar file costs the images after it alone", () =>
  withFiles({}, async (folder) => {
    const whole = await Deno.readFile(`${fixtures}/tar/photos-000.tar`);
    await Deno.writeFile(`${folder}/a.tar`, whole.fill(0xc3, 6656, 7168));
    const { train, notices } = await found(`${folder}/a.tar`, folder);
    assert(train.count > 0 && train.count < 5, `${train.count}`);
    assertStringIncludes(notices.join("\n"), "expected a tar file's header at byte 6656, found other bytes");
  }));

Deno.test("the list of a sparse file's parts may go on, and of two entries of one name the later one counts", () =>
  withFiles({}, async (folder) => {
    const [first, last] = await Promise.all(
      ["0000", "0001"].map((name) => Deno.readFile(`${fixtures}/folder/cat/${name}.jpg`)),
    );
    const sparse = Uint8Array.from(tarEntry("x.bin", new Uint8Array(512), { type: "S" }));
    sparse[482] = 1; // the list goes on in a block of its own
    const sum = sparse.subarray(0, 512).reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
    sparse.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0`), 148);
    const extended = [...sparse.subarray(0, 512), ...new Uint8Array(512), ...sparse.subarray(512)];
    const images = ["cat/0.jpg", "dog/0.jpg"].map((name) => tarEntry(name, first));
    const label = tarEntry("cat/0.cls", new TextEncoder().encode("lion"));
    const again = tarEntry("cat/0.jpg", last);
    const other = tarEntry("dog/0.cls", new TextEncoder().encode("wolf"));
    await Deno.writeFile(`${folder}/a.tar`, tarOf(images[0], label, extended, images[1], other, again, again));
    const { train, notices } = await found(`${folder}/a.tar`, folder);
    assertEquals([train.count, train.parts![0]!.length], [2, last.length]);
    assertEquals(Array.from(train.labels!, (label) => train.classes![label]), ["lion", "wolf"]);
    assertStringIncludes(notices.join("\n"), "sparse files: 1; entries that a later one replaces: 2");
  }));

Deno.test("zeros after the records of a TFRecord file, and a damaged length, are damage at their place", () =>
  withFiles({}, async (folder) => {
    const record = recordOf(exampleOf(png([1, 2, 3], 1, 1)));
    const path = `${folder}/a.tfrecord`;
    for (const tail of [new Array(4096).fill(0), record.with(8, record[8] ^ 1)]) {
      await Deno.writeFile(path, Uint8Array.from([...record, ...tail]));
      const { train, notices } = await found(path, folder);
      assertEquals(train.count, 1);
      assertStringIncludes(
        notices.join("\n"),
        `expected a TFRecord at byte ${record.length}, found a length of another checksum`,
      );
      assert(!notices.join().includes("Left out"), notices.join("\n"));
    }
  }));

/** What the kernel says that this process has read and written. Deno shows it only with all permissions. */
function countsOfThisProcess(): string {
  const args = ["-c", `print(open("/proc/${Deno.pid}/io").read())`];
  return new TextDecoder().decode(new Deno.Command("python3", { args }).outputSync().stdout);
}

Deno.test(
  "an image far back in a tar file is read without what comes before it",
  { ignore: Deno.build.os !== "linux" },
  () =>
    withFiles({}, async (folder) => {
      const draw = words([3, 4], [0, 0, 0]);
      const image = png(Array.from({ length: 400 * 300 * 3 }, () => draw() % 256), 400, 300); // more than 256 KiB
      const hole = 2 ** 28;
      const entry = Uint8Array.from(tarEntry("hole.bin", new Uint8Array(0)));
      entry.set(new TextEncoder().encode(`${hole.toString(8).padStart(11, "0")}\0`), 124);
      const sum = entry.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
      entry.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0`), 148);
      const path = `${folder}/a.tar`;
      await Deno.writeFile(path, entry);
      await Deno.truncate(path, entry.length + hole);
      await Deno.writeFile(path, tarOf(tarEntry("0.png", image)), { append: true });
      const { train } = await found(path, folder);
      const read = () => Number(countsOfThisProcess().match(/^rchar: (\d+)$/m)![1]);
      const before = read();
      assertEquals(inMemory(train).count, 1);
      assert(read() - before < hole / 4, `${read() - before} bytes`);
      const onlyHeader = right(openImage(train.parts![0]!, {}, "header"));
      assertEquals([onlyHeader.reading.from, onlyHeader.header.width], ["part", 300]);
    }),
);

Deno.test("large images in shards are read by TensorFlow, which verifies checksums too", () =>
  withFiles({}, async (folder) => {
    const draw = words([3, 4], [0, 0, 0]);
    const images = [0, 1].map(() => png(Array.from({ length: 400 * 300 * 3 }, () => draw() % 256), 400, 300));
    for (const [index, image] of images.entries()) {
      await Deno.mkdir(`${folder}/photos`, { recursive: true });
      await Deno.writeFile(`${folder}/photos/${index}.png`, image);
    }
    const records = images.map((image) => recordOf(exampleOf(image)));
    const path = `${folder}/large.tfrecord`;
    const file = Uint8Array.from(records.flatMap((record) => [...record]));
    await Deno.writeFile(path, file);
    await Deno.writeFile(`${folder}/large.tar`, tar({ "0.png": images[0], "1.png": images[0] }));
    const { train: photos } = await found(`${folder}/photos`, folder);
    assertEquals(viewsOf((await found(path, folder)).train), viewsOf(photos));
    const { train: twice } = await found(`${folder}/large.tar`, folder);
    assertEquals(inMemory(twice).images, inMemory(select(photos, [0, 0])).images);

    const { start } = twice.parts![0]!;
    assert(twice.parts![0]!.length > 2 ** 18 && start > 0);
    const at = records[0].length + 50_000;
    await Deno.writeFile(path, file.with(at, file[at] ^ 1));
    const { skipped = [] } = inMemory((await found(path, folder)).train);
    assertEquals(skipped.length, 1);
    assert(skipped[0].reason.includes("corrupted record"), skipped[0].reason);
  }));

/** A `tf.train.Example` with `image/encoded`, and a label if one is given. */
function exampleOf(image: Uint8Array, label?: string | number): number[] {
  const field = (number: number, bytes: readonly number[]): number[] => {
    const length: number[] = [];
    for (let rest = bytes.length; rest > 0 || length.length === 0; rest = Math.floor(rest / 128)) {
      length.push(rest % 128 + (rest >= 128 ? 128 : 0));
    }
    return [8 * number + 2, ...length, ...bytes];
  };
  const utf8 = (text: string) => [...new TextEncoder().encode(text)];
  const feature = (name: string, value: readonly number[]) => field(1, [...field(1, utf8(name)), ...field(2, value)]);
  const bytes = (value: readonly number[]) => field(1, field(1, value));
  const least = [...Array(9).fill(255), 1]; // -1
  const integer = (value: number) => field(3, field(1, value < 0 ? least : [value]));
  return field(1, [
    ...feature("image/encoded", bytes([...image])),
    ...label === undefined
      ? []
      : typeof label === "string"
      ? feature("image/class/text", bytes(utf8(label)))
      : feature("label", integer(label)),
  ]);
}

/** A record of a TFRecord file. */
function recordOf(data: readonly number[]): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(record.subarray(12, 12 + data.length)), true);
  return record;
}

Deno.test("a Parquet file of another kind, or none, is refused in a line", () =>
  withFiles({}, async (folder) => {
    await Deno.writeTextFile(`${folder}/a.parquet`, "no Parquet file at all");
    assertEquals(
      await find(`${folder}/a.parquet`, folder),
      `Cannot read ${folder}/a.parquet: expected a Parquet file, found another one`,
    );
    await copy(`${fixtures}/other/numbers.parquet`, `${folder}/b.parquet`);
    assertEquals(
      await find(`${folder}/b.parquet`, folder),
      `Cannot read ${folder}/b.parquet: expected a column of images, such as image, found only number, text`,
    );
  }));

Deno.test("a collection lists images of shards with their sizes and digests", () =>
  withFiles({}, async (cache) => {
    const [shards, folder] = [await found(`${fixtures}/tar`, cache), await found(`${fixtures}/folder`, cache)];
    const [inShards, inFolder] = [shards, folder].map((split) => listingOf(split, fixtures, 3));
    assertEquals(inShards.images.map(({ path }) => path)[0], "tar/photos-000.tar/0000.jpg");
    assertEquals(inShards.images.map(({ bytes }) => bytes), inFolder.images.map(({ bytes }) => bytes));
    const digests = (listing: typeof inShards) => Promise.all([0, 7].map((place) => listing.digestOf(place)));
    assertEquals(await digests(inShards), await digests(inFolder));
    const [some, same] = [inShards, inFolder].map((listing) => listing.at([7, 2]) as ImageFiles);
    assertEquals(inMemory(some).images, inMemory(same).images);
  }));
