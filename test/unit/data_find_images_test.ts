import { assertEquals } from "@std/assert";
import { renderDataError } from "../../src/data/errors.ts";
import { findImages, type FindOptions, type Found } from "../../src/data/find_images.ts";
import { bmp, withFiles } from "../support/image_files.ts";
import { makePipe, makeUnspeakableFolder } from "../support/special_files.ts";

/** Files of these names, which are never decoded. */
const files = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, ""]));

/** `count` files in a folder. */
const some = (folder: string, count: number) => Array.from({ length: count }, (_, index) => `${folder}/${index}.jpg`);

/** What is found in a folder, with paths that begin there. */
async function find(folder: string, options: FindOptions = {}) {
  const found = await findImages(folder, options)();
  if (found._tag === "Left") return renderDataError(found.left).replaceAll(folder, "PATH");
  const { train, test, classes, notices } = found.right;
  const half = (half: Found["train"]) => ({
    files: half.files.map((path) => path.slice(folder.length + 1)),
    ...half.labels && { labels: [...half.labels] },
  });
  return {
    train: half(train),
    ...test && { test: half(test) },
    ...classes && { classes },
    notices: notices.map((line) => line.replaceAll(folder, "PATH")),
  };
}

type Facts = Exclude<Awaited<ReturnType<typeof find>>, string>;

async function facts(folder: string, options?: FindOptions): Promise<Facts> {
  const found = await find(folder, options);
  if (typeof found === "string") throw new Error(found);
  return found;
}

Deno.test("halves are known by every usual name in any case, where nothing lies beside them", async () => {
  const pairs = [["train", "test"], ["Training", "TESTING"], ["train", "val"], ["train", "Valid"], [
    "TRAIN",
    "validation",
  ]];
  for (const [train, test] of pairs) {
    await withFiles(files(`${train}/a/0.jpg`, `${train}/b/0.jpg`, `${test}/b/0.jpg`), async (folder) => {
      const found = await facts(folder);
      assertEquals(found.train, { files: [`${train}/a/0.jpg`, `${train}/b/0.jpg`], labels: [0, 1] });
      assertEquals(found.test, { files: [`${test}/b/0.jpg`], labels: [1] });
      assertEquals(found.classes, ["a", "b"]);
    });
  }
});

Deno.test("test is a class where another folder lies beside the halves, or a half is missing", async () => {
  for (const others of [["train/0.jpg", "test/0.jpg", "cat/0.jpg"], ["test/0.jpg", "cat/0.jpg", "dog/0.jpg"]]) {
    await withFiles(files(...others), async (folder) => {
      const found = await facts(folder);
      assertEquals([found.classes, found.test], [others.map((path) => path.split("/")[0]).sort(), undefined]);
    });
  }
});

Deno.test("an image beside the halves is left out, and named", async () => {
  for (const around of ["", "archive/"]) {
    const halves = [...some("train/cat", 10), ...some("train/dog", 10), ...some("test/cat", 5), ...some("test/dog", 5)];
    await withFiles(files("sample.jpg", ...halves.map((path) => around + path)), async (folder) => {
      const { train, test, classes, notices } = await facts(folder);
      assertEquals([train.files.length, test?.files.length, classes], [20, 10, ["cat", "dog"]]);
      assertEquals(notices.at(-1), "Left out, beside the halves: 1 image, PATH/sample.jpg");
    });
  }
});

Deno.test("raw images of cameras are left out, although they begin as TIFF images do", () =>
  withFiles({ "a.jpg": "", "a.NEF": "II*\0rest of it", "b": "II*\0rest of it" }, async (folder) => {
    const { train, notices } = await facts(folder);
    assertEquals(train.files, ["a.jpg", "b"]);
    assertEquals(notices.at(-1), "Left out in PATH: .nef files: 1");
  }));

Deno.test("a third half is not used, and named", () =>
  withFiles(files("train/0.jpg", "val/0.jpg", "test/0.jpg"), async (folder) => {
    const { test, notices } = await facts(folder);
    assertEquals(test?.files, ["test/0.jpg"]);
    assertEquals(notices.at(-1), "PATH/val is not used: test is the half that is held out");
  }));

Deno.test("two held-out halves and none to train on are asked about", () =>
  withFiles(files("val/a/0.jpg", "test/a/0.jpg"), async (folder) => {
    assertEquals(
      await find(folder),
      "Cannot tell which images of PATH to train on: expected a folder train, found only test and val. " +
        "Name one of them with --path and the other with --test-path.",
    );
    const { train, test } = await facts(`${folder}/val`, { testPath: `${folder}/test` });
    assertEquals([train.files, test?.files.length], [["a/0.jpg"], 1]);
  }));

Deno.test("a second folder with images of one class has that class, and folders around its classes are looked into", async () => {
  const train = [...some("all/train/cat", 2), ...some("all/train/dog", 2)];
  for (const test of ["cat", "photos/all/cat", "cat/indoors"]) {
    await withFiles(files(...train, ...some(`test/${test}`, 2)), async (folder) => {
      const found = await facts(`${folder}/all`, { testPath: `${folder}/test` });
      assertEquals([found.classes, found.test?.labels], [["cat", "dog"], [0, 0]], test);
    });
  }
  await withFiles(files(...train, "test/cat/in/0.jpg", "test/cat/out/0.jpg"), async (folder) => {
    const found = await facts(`${folder}/all`, { testPath: `${folder}/test` });
    assertEquals([found.classes, found.test?.labels], [["cat", "dog"], [0, 0]]);
  });
});

Deno.test("a half that is not used because a second folder is held out is named", () =>
  withFiles(files("all/train/0.jpg", "all/val/0.jpg", "all/test/0.jpg", "other/1.jpg"), async (folder) => {
    const { test, notices } = await facts(`${folder}/all`, { testPath: `${folder}/other` });
    assertEquals(test?.files.map((path) => path.split("/").at(-1)), ["1.jpg"]);
    assertEquals(notices.slice(-2).map((line) => line.replaceAll(folder, "ROOT")), [
      "PATH/test is not used: ROOT/other is the half that is held out",
      "PATH/val is not used: ROOT/other is the half that is held out",
    ]);
  }));

Deno.test("a text that begins with BM is no image, and a bitmap without an extension is one", () =>
  withFiles({ "a.jpg": "", "bmi.csv": "BMI,weight,height\n22,70,1.78\n", "bm": "BM" }, async (folder) => {
    await Deno.writeFile(`${folder}/scan`, bmp([1, 2, 3], 1, 1));
    const { train, notices } = await facts(folder);
    assertEquals(train.files, ["a.jpg", "scan"]);
    assertEquals(notices.at(-1), "Left out in PATH: files without an extension: 1; .csv files: 1");
  }));

Deno.test("a folder around everything is looked into", () =>
  withFiles(
    files("photos/all/train/a/0.jpg", "photos/all/train/b/0.jpg", "photos/all/test/b/0.jpg"),
    async (folder) => {
      const { train, test } = await facts(folder);
      assertEquals([train.labels, test?.labels], [[0, 1], [1]]);
    },
  ));

Deno.test("a held-out half without labels is left aside where there are class folders to train on", () =>
  withFiles(files(...some("train/cat", 6), ...some("train/dog", 6), "test/0.jpg"), async (folder) => {
    const { test, notices } = await facts(folder);
    assertEquals(test, undefined);
    assertEquals(notices, [
      "12 images to train on in PATH/train, 2 classes, from 6 (cat) to 6 (dog)",
      "1 image held out in PATH/test, without labels",
      "The images in PATH/test have no labels, so nothing can be measured with them.",
    ]);
  }));

Deno.test("a stray image beside class folders is named and left out; many of them mean that there are no classes", async () => {
  await withFiles(files(...some("cat", 9), ...some("dog", 9), "stray.jpg"), async (folder) => {
    const { train, notices } = await facts(folder);
    assertEquals([train.files.length, train.labels?.length], [18, 18]);
    assertEquals(notices[1], "1 image in PATH without a label is left out: PATH/stray.jpg");
  });
  await withFiles(files("cat/0.jpg", "dog/0.jpg", "a.jpg", "b.jpg"), async (folder) => {
    const { train } = await facts(folder);
    assertEquals([train.files.length, train.labels], [4, undefined]);
    assertEquals((await facts(folder, { labels: "folders" })).train.labels, [0, 1]);
  });
});

Deno.test("what the user says of labels is not guessed", async () => {
  await withFiles(files("cat/0.jpg", "dog/0.jpg"), async (folder) => {
    const { train, classes } = await facts(folder, { labels: "none" });
    assertEquals([train, classes], [{ files: ["cat/0.jpg", "dog/0.jpg"] }, undefined]);
  });
  await withFiles(files("0.jpg"), async (folder) => {
    assertEquals(
      await find(folder, { labels: "folders" }),
      "Cannot label the images of PATH: expected a folder for each class or a list with their paths, found neither",
    );
  });
});

Deno.test("a list gives labels, as CSV and as JSON Lines, and images that it does not name are left out", async () => {
  const csv = '\ufeffid,path,label\n1,a.jpg,cat\n2,"sub/b, c.jpg","dog, old"\n3,./d.jpg,cat\n4,gone.jpg,cat\n';
  const jsonl =
    '{"path":"a.jpg","label":"cat"}\n\n{"path":"sub/b, c.jpg","label":"dog, old"}\n{"path":"d.jpg","label":"cat"}';
  for (const [name, text] of [["list.csv", csv], ["list.jsonl", jsonl]]) {
    await withFiles({ ...files("a.jpg", "d.jpg", "e.jpg", "sub/b, c.jpg"), [name]: text }, async (folder) => {
      const { train, classes, notices } = await facts(folder, { labels: `${folder}/${name}` });
      assertEquals(train, { files: ["a.jpg", "d.jpg", "sub/b, c.jpg"], labels: [0, 0, 1] });
      assertEquals(classes, ["cat", "dog, old"]);
      assertEquals(notices[1], "1 image in PATH without a label is left out: PATH/e.jpg");
    });
  }
});

Deno.test("a held-out half that a list does not name is left aside", () =>
  withFiles(
    { ...files("train/a.jpg", "train/b.jpg", "test/c.jpg", "none/text"), "list.csv": "path,label\ntrain/a.jpg,cat\n" },
    async (folder) => {
      const { train, test, notices } = await facts(folder, { labels: `${folder}/list.csv` });
      assertEquals([train.files, test], [["train/a.jpg"], undefined]);
      assertEquals(notices.filter((line) => line.includes("PATH/test")), [
        "1 image held out in PATH/test, without labels",
        "The images in PATH/test have no labels, so nothing can be measured with them.",
      ]);
      const { test: empty } = await facts(folder, { labels: `${folder}/list.csv`, testPath: `${folder}/none` });
      assertEquals(empty, undefined);
    },
  ));

Deno.test("a list that names none of the images to train on is refused with a path from each side", () =>
  withFiles({ ...files("a.jpg"), "list.csv": "path,label\nimages/a.jpg,cat\n" }, async (folder) => {
    assertEquals(
      await find(folder, { labels: `${folder}/list.csv` }),
      "Cannot read PATH/list.csv: the paths: expected those of images to train on, such as PATH/a.jpg, " +
        "found only others, such as PATH/images/a.jpg",
    );
  }));

Deno.test("a list that cannot be used is named with its line", async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a.csv", "", 'line 1: expected path and label, found a first line without path and label: ""'],
    [
      "b.csv",
      "file,label\na.jpg,cat\n",
      'line 1: expected path and label, found a first line without path: "file,label"',
    ],
    ["c.csv", "path,label\na.jpg\n", "line 2: expected a label, found nothing"],
    ["d.jsonl", '{"path":"a.jpg","label":"x"}\n[1', "line 2: expected path and label, found "],
    ["e.jsonl", '{"path":3}', "line 1: expected a path, found 3"],
    [
      "f.csv",
      "path,label\na.jpg,x\n./a.jpg,y\n",
      'line 3: expected ./a.jpg once, or with one label, found the labels "x" and "y"',
    ],
  ];
  for (const [name, text, wanted] of cases) {
    await withFiles({ ...files("a.jpg"), [name]: text }, async (folder) => {
      const found = await find(folder, { labels: `${folder}/${name}` });
      assertEquals(
        String(found).slice(0, `Cannot read PATH/${name}: ${wanted}`.length),
        `Cannot read PATH/${name}: ${wanted}`,
      );
    });
  }
});

Deno.test("classes are one class in every form of Unicode", () =>
  withFiles(files("train/caf\u00e9/0.jpg", "train/tea/0.jpg", "test/cafe\u0301/0.jpg"), async (folder) => {
    const { classes, test } = await facts(folder);
    assertEquals([classes, test?.labels], [["caf\u00e9", "tea"], [0]]);
  }));

Deno.test("service and hidden folders are skipped and counted, and files that are not read by kind", () =>
  withFiles(
    files(
      "@eaDir/0.jpg/THUMB.jpg",
      "cat/@eaDir/0.jpg",
      "cat/0.jpg",
      "dog/0.jpg",
      ".git/a.jpg",
      "dog/.x.jpg",
      "a.ppm",
      "b.PPM",
      "c",
    ),
    async (folder) => {
      const { train, notices } = await facts(folder);
      assertEquals(train, { files: ["cat/0.jpg", "dog/0.jpg"], labels: [0, 1] });
      assertEquals(
        notices.at(-1),
        "Left out in PATH: hidden folders: 1; service folders (@eaDir): 2; .ppm files: 2; files without an extension: 1; " +
          "hidden files: 1",
      );
    },
  ));

Deno.test("only regular files are read: no pipe, no device, no link to one", () =>
  withFiles(files("a.jpg"), async (folder) => {
    makePipe(`${folder}/pipe.jpg`);
    await Deno.symlink("/dev/zero", `${folder}/zero.png`);
    await Deno.symlink("a.jpg", `${folder}/b.jpg`);
    await Deno.symlink("nowhere", `${folder}/c.jpg`);
    const { train, notices } = await facts(folder);
    assertEquals(train.files, ["a.jpg", "b.jpg"]);
    assertEquals(notices[1], "Left out in PATH: links that lead to no file: 2; devices, pipes and sockets: 1");
  }));

Deno.test("a folder that cannot be read is named and costs itself alone, and a deep tree is listed at once", () =>
  withFiles(files("a.jpg", "more/b.jpg"), async (folder) => {
    // A name that is not UTF-8 cannot be written down in JavaScript, and so cannot be opened.
    makeUnspeakableFolder(folder);
    const deep = `${folder}/${"d/".repeat(1000)}`;
    await Deno.mkdir(deep, { recursive: true });
    await Deno.writeTextFile(`${deep}z.jpg`, "");
    const started = performance.now();
    const { train, notices } = await facts(folder);
    assertEquals(performance.now() - started < 5000, true);
    assertEquals(train.files.length, 3);
    assertEquals(notices.slice(1), ["Cannot read PATH/bad\ufffd: no such file or folder. It is left out."]);
  }));

Deno.test("where no image is found, folders that cannot be read are named as the cause", () =>
  withFiles(files("notes.txt"), async (folder) => {
    makeUnspeakableFolder(folder);
    assertEquals(
      await find(folder),
      "Cannot load images from PATH: expected at least 1 JPEG, PNG, GIF, BMP or WebP image, " +
        "found only 1 folder that cannot be read; .txt files: 1\n  PATH/bad\ufffd: no such file or folder",
    );
  }));

Deno.test("classes with few images are named before training", () =>
  withFiles(files(...some("four", 4), ...some("many", 20), ...some("one", 1)), async (folder) => {
    const { notices } = await facts(folder);
    assertEquals(notices, [
      "25 images to train on in PATH, 3 classes, from 1 (one) to 20 (many)",
      "Warning: too few images to measure well (fewer than 5): one (1), four (4)",
    ]);
  }));
