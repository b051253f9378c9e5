import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { dataDifference, digestOf } from "../../src/data/data_digest.ts";
import type { Dataset, ImageFiles } from "../../src/data/types.ts";
import { withFiles } from "../support/image_files.ts";

/** Files of a folder as a data set; none of them is read as an image. */
function filesIn(folder: string, names: readonly string[]): ImageFiles {
  const paths = names.map((name) => `${folder}/${name}`);
  return { name: "some", paths, count: paths.length, height: 8, width: 8, channels: 3 };
}

const files = { "a/1.png": "one", "a/2.png": "two", "b/1.png": "three" };
const names = Object.keys(files);

Deno.test("the digest of files is that of their names, sizes and order, wherever their folder lies", async () => {
  const digestOfFiles = (files: Record<string, string>, names: readonly string[]) =>
    withFiles(files, (folder) => Promise.resolve(digestOf(filesIn(folder, names))));
  const before = await digestOfFiles(files, names);
  assertEquals(before.images, 3);
  assertEquals(await digestOfFiles(files, names), before, "in another folder");
  const within = Object.fromEntries(Object.entries(files).map(([name, text]) => [`moved/${name}`, text]));
  assertEquals(await digestOfFiles(within, Object.keys(within)), before, "one folder further down");

  const others = {
    "another order": await digestOfFiles(files, names.toReversed()),
    "another size": await digestOfFiles({ ...files, "a/2.png": "twos" }, names),
    "another name": await digestOfFiles({ ...files, "b/2.png": "three" }, ["a/1.png", "a/2.png", "b/2.png"]),
    "another folder": await digestOfFiles({ ...files, "c/1.png": "three" }, ["a/1.png", "a/2.png", "c/1.png"]),
    "a name that another folder shares": await digestOfFiles({ ...files, "a/..1": "three" }, [
      ...names.slice(0, 2),
      "a/..1",
    ]),
    "a file less": await digestOfFiles(files, names.slice(1)),
  };
  for (const [what, { digest }] of Object.entries(others)) assertNotEquals(digest, before.digest, what);
});

Deno.test("the digest of a file that is not there is none that a file has", () =>
  withFiles(files, (folder) => {
    const before = digestOf(filesIn(folder, names));
    Deno.removeSync(`${folder}/a/2.png`);
    assertNotEquals(digestOf(filesIn(folder, names)), before);
    return Promise.resolve();
  }));

Deno.test("the digest of images in memory is that of their pixels and shape, not of their labels", () => {
  const data: Dataset = { name: "two", images: Uint8Array.of(1, 2, 3, 4), count: 2, height: 1, width: 2, channels: 1 };
  const { images, digest } = digestOf(data);
  assertEquals(images, 2);
  assertEquals(digestOf({ ...data, labels: Uint8Array.of(0, 1), images: data.images.slice() }).digest, digest);
  assertNotEquals(digestOf({ ...data, images: Uint8Array.of(1, 2, 4, 3) }).digest, digest);
  assertNotEquals(digestOf({ ...data, height: 2, width: 1 }).digest, digest);
});

Deno.test("a difference between images is said, and none where one side is not known", () => {
  const [before, now] = [{ images: 1200, digest: "a" }, { images: 1, digest: "b" }];
  assertEquals(dataDifference(before, now), "1 image where there were 1,200");
  assert(
    dataDifference(now, { images: 1, digest: "c" })?.startsWith("as many images as before (1), but of other names"),
  );
  assertEquals(dataDifference(before, before), undefined);
  assertEquals(dataDifference(undefined, now), undefined);
  assertEquals(dataDifference(before, undefined), undefined);
});
