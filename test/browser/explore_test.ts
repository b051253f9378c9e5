/// <reference lib="dom" />
/**
 * The page of a collection, as its reader uses it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "../../src/dependencies/sqlite.ts";
import { putColumns } from "../../src/search/collection/columns.ts";
import { openDatabase } from "../../src/search/collection/database.ts";
import { encoderFor } from "../../src/search/collection/encoders.ts";
import { putVector } from "../../src/search/collection/vectors.ts";
import { serve } from "../../src/serve/serve.ts";
import { browserTest } from "../support/browser.ts";
import { encoder } from "../support/collections.ts";
import { disturb, release, waitUntilHeld } from "../support/disturbed_request.ts";
import { right } from "../support/either.ts";
import { withEmbeddedPhotos } from "../support/embedded_photos.ts";
import type { Page } from "../support/large_packages.ts";
import { seriousFindings } from "../support/serious_findings.ts";
import { IMAGES, OF_EACH, type PhotoCollection, photos, withPhotoCollection } from "../support/photo_collection.ts";

/** A test with the page of the small collection, loaded. */
function pageTest(
  name: string,
  run: (page: Page, address: string, made: PhotoCollection) => Promise<void>,
  images = photos,
): void {
  browserTest(name, (page) =>
    withPhotoCollection(async (made) => {
      const served = serve(made.collection);
      try {
        await page.setViewport({ width: 1280, height: 800 });
        await page.goto(served.address);
        await page.waitForSelector(".tile img");
        await run(page, served.address, made);
      } finally {
        await page.goto("about:blank"); // so that no request is under way when the server ends
        await served.close();
      }
    }, images()));
}

/** Waits until the line above the images says something. */
async function waitForStatus(page: Page, text: string): Promise<void> {
  const says = (text: string) => document.querySelector(".bar .status")?.textContent === text;
  await page.waitForFunction(says, {}, text);
}

/** Waits until the notice says something. */
async function waitForNotice(page: Page, text: string): Promise<void> {
  const says = (text: string) => document.querySelector(".notice span")?.textContent === text;
  await page.waitForFunction(says, {}, text);
}

/** Where the map is on the screen. */
async function mapBox(page: Page) {
  return (await (await page.waitForSelector(".marks")).boundingBox())!;
}

/** Drags over the map, through these shares of its width and height. */
async function drag(page: Page, places: readonly (readonly [number, number])[]): Promise<void> {
  const { x, y, width, height } = await mapBox(page);
  const at = ([across, down]: readonly [number, number]) => page.mouse.move(x + across * width, y + down * height);
  await at(places[0]);
  await page.mouse.down();
  for (const place of places.slice(1)) await at(place);
  await page.mouse.up();
}

/** The numbers of the images in the grid that are in view. */
function tiles(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".tile img")].map((image) => image.getAttribute("alt") ?? "")
  );
}

pageTest("the page shows every image, and says how many there are", async (page) => {
  await waitForStatus(page, `${IMAGES} images`);
  const title = await page.evaluate(() => document.querySelector("h1")?.textContent);
  assertEquals(title?.trim(), "photos.moco");
  await page.waitForSelector(".legend li");
  assertEquals(await page.evaluate(() => document.querySelectorAll(".legend li").length), 3);
});

pageTest("points become pictures as one comes near, and the address knows the place", async (page) => {
  const pictures = () => Number(document.querySelector<HTMLElement>(".marks")?.dataset.pictures);
  const { x, y, width, height } = await mapBox(page);
  await page.mouse.move(x + 0.06 * width, y + height / 2);
  for (let turn = 0; turn < 3; turn++) await page.mouse.wheel({ deltaY: -240 });
  await page.waitForFunction(() => location.hash.includes("at="));
  await page.waitForFunction(() => Number(document.querySelector<HTMLElement>(".marks")?.dataset.pictures) > 0);
  const [place, count] = [page.url(), await page.evaluate(pictures)];
  await page.reload();
  await page.waitForFunction(() => Number(document.querySelector<HTMLElement>(".marks")?.dataset.pictures) > 0);
  assertEquals([page.url(), await page.evaluate(pictures)], [place, count]);
});

pageTest("a lasso on the map leaves the images inside, and a rectangle too", async (page) => {
  await page.click('[aria-label="Lasso (L)"]');
  await drag(page, [[0.01, 0.1], [0.3, 0.1], [0.3, 0.9], [0.01, 0.9]]); // around the first kind
  await waitForStatus(page, `${OF_EACH} of ${IMAGES} images`);
  assert((await tiles(page)).every((alt) => alt.startsWith("leaf")));
  await page.click(".chips .plain"); // show all
  await waitForStatus(page, `${IMAGES} images`);
  await page.click('[aria-label="Rectangle (R)"]');
  await drag(page, [[0.01, 0.1], [0.3, 0.9]]);
  await waitForStatus(page, `${OF_EACH} of ${IMAGES} images`);
  await page.waitForFunction(() => location.hash.includes("region="));
  await page.reload();
  await waitForStatus(page, `${OF_EACH} of ${IMAGES} images`);
});

pageTest("the legend shows one class alone, and another beside it", async (page) => {
  await page.click(".legend li:nth-child(1) button");
  await waitForStatus(page, `${OF_EACH} of ${IMAGES} images`);
  await page.keyboard.down("Control");
  await page.click(".legend li:nth-child(2) button");
  await page.keyboard.up("Control");
  await waitForStatus(page, `${2 * OF_EACH} of ${IMAGES} images`);
});

pageTest(
  "images are tagged from the keyboard, the tag is undone, and both are in the collection",
  async (page, _address, { collection }) => {
    await page.focus(".grid");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await waitForStatus(page, "2 chosen");
    await page.keyboard.press("t");
    await page.waitForSelector(".prompt input");
    await page.keyboard.type("good");
    await page.keyboard.press("Enter");
    await waitForNotice(page, "2 images tagged “good”");
    assertEquals([...right(collection.tagged("good"))], [1, 2]);
    await page.keyboard.down("Control");
    await page.keyboard.press("z");
    await page.keyboard.up("Control");
    await waitForNotice(page, "Undone: 2 images tagged “good”");
    assertEquals([...right(collection.tagged("good"))], []);
  },
);

pageTest("a selection is saved, shown again in its order, and undone", async (page, _address, { collection }) => {
  await page.focus(".grid");
  await page.keyboard.press("Space");
  await waitForStatus(page, "1 chosen");
  await page.click(".bar .actions > button:nth-child(2)");
  await page.waitForSelector(".prompt input");
  await page.keyboard.type("first");
  await page.keyboard.press("Enter");
  await waitForNotice(page, "1 image saved as “first”");
  assertEquals([...right(collection.selection("first"))!], [1]);
  await page.click(".notice button:not(.icon)");
  await waitForNotice(page, "Undone: 1 image saved as “first”");
  assertEquals(right(collection.selections()), []);
});

pageTest("what is typed at once goes into the question, however late the next frame is", async (page) => {
  await page.evaluateOnNewDocument(() => {
    const late = (call: FrameRequestCallback) => setTimeout(() => call(performance.now()), 2000);
    globalThis.requestAnimationFrame = late as unknown as typeof requestAnimationFrame;
  });
  await page.reload();
  await page.waitForSelector(".tile img");
  const typed = await page.evaluate(async () => {
    document.querySelector<HTMLElement>(".bar .actions > button")!.click(); // Tag
    while (document.querySelector(".prompt input") === null) await Promise.resolve();
    const input = document.querySelector<HTMLInputElement>(".prompt input")!;
    return [input.closest("dialog")!.open, document.activeElement === input];
  });
  assertEquals(typed, [true, true]);
});

/** Chooses an image by keyboard. */
async function chooseOne(page: Page): Promise<void> {
  await page.focus(".grid");
  await page.keyboard.press("Space");
  await waitForStatus(page, "1 chosen");
}

/** Tags what is chosen "good" by keyboard. */
async function tagChosen(page: Page): Promise<void> {
  await page.keyboard.press("t");
  await page.waitForSelector(".prompt input");
  await page.keyboard.type("good");
  await page.keyboard.press("Enter");
}

pageTest("what cannot be undone is said, and can be tried again", async (page, _address, { collection }) => {
  await chooseOne(page);
  await tagChosen(page);
  await waitForNotice(page, "1 image tagged “good”");
  await page.setOfflineMode(true);
  await page.click(".notice button:not(.icon)");
  await waitForNotice(page, "The server does not answer. Is moco explore still running?");
  await page.setOfflineMode(false);
  await page.keyboard.down("Control");
  await page.keyboard.press("z");
  await page.keyboard.up("Control");
  await waitForNotice(page, "Undone: 1 image tagged “good”");
  assertEquals([...right(collection.tagged("good"))], []);
});

/** Keeps what the page saves from now on. */
async function keepBlobs(page: Page): Promise<void> {
  await page.evaluate(() => {
    const keep = globalThis as unknown as { saved: Blob[] };
    keep.saved = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob: Blob) => {
      keep.saved.push(blob);
      return make(blob);
    };
  });
}

/** The texts that the page has saved. */
function savedTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    Promise.all((globalThis as unknown as { saved: Blob[] }).saved.map((blob) => blob.text()))
  );
}

pageTest("what is shown is exported as CSV and as JSON", async (page) => {
  await keepBlobs(page);
  await page.click(".legend li:nth-child(1) button");
  await waitForStatus(page, `${OF_EACH} of ${IMAGES} images`);
  for (const place of [1, 2]) {
    await page.click(".actions .menu summary");
    await page.click(`.actions .panel button:nth-child(${place})`);
    await waitForNotice(page, `${OF_EACH} images exported`);
    await page.click(".actions .menu summary");
  }
  const [csv, json] = await savedTexts(page);
  assertMatch(csv, /^id,path,file,label,split,width,height,bytes,tags\r\n/);
  assertMatch(csv, /\r\n\d+,brick\/00\.png,\/.*\/photos\/brick\/00\.png,brick,/);
  assertEquals(csv.trim().split("\r\n").length, OF_EACH + 1);
  assertEquals(JSON.parse(json).length, OF_EACH);
});

pageTest("what is exported has each column once, whatever it is called", async (page, _address, { path }) => {
  const database = right(openDatabase(path, "write"));
  putColumns(database, 1, [
    { name: "label", cells: new Map([[1, "=1+1"]]) },
    { name: "constructor", cells: new Map([[2, 'a "b", c']]) },
  ]);
  database.close();
  await page.reload();
  await page.waitForSelector(".tile img");
  await keepBlobs(page);
  await page.click(".actions .menu summary");
  await page.click(".actions .panel button:nth-child(1)");
  await waitForNotice(page, `${IMAGES} images exported`);
  const [head, first, second, third] = (await savedTexts(page))[0].split("\r\n");
  assertMatch(head, /,tags,column\.label,constructor$/);
  assertMatch(first, /,,'=1\+1,$/);
  assertMatch(second, /,,,"a ""b"", c"$/);
  assertMatch(third, /,,,$/);
});

pageTest("one image is shown large with its nearest images, which become a search", async (page) => {
  await page.focus(".grid");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .neighbours li");
  const nearest = await page.evaluate(() =>
    [...document.querySelectorAll(".neighbours li")].slice(0, 2).map((item) => item.textContent)
  );
  assertEquals(nearest, ["1.000", "1.000"]); // its two copies
  await page.click("dialog.image .main");
  await page.waitForFunction(() => location.hash.includes("like="));
  await page.waitForFunction(() => document.querySelector(".tile .figure")?.textContent?.startsWith("1"));
  assert((await tiles(page))[0].startsWith("leaf"));
});

browserTest(
  "an image that is dropped, pasted or chosen finds itself",
  (page) =>
    withEmbeddedPhotos(async (collection, folder) => {
      const served = serve(collection);
      try {
        await page.setViewport({ width: 1280, height: 800 });
        await page.goto(served.address);
        await page.waitForSelector(".tile img");
        const wanted = photos()[30]; // one without a copy
        const path = wanted.path.split("/").slice(1).join("/");
        const isFound = (path: string) => {
          const [tile] = document.querySelectorAll(".tile");
          const isSorted = tile?.querySelector(".figure")?.textContent?.startsWith("1");
          return isSorted && tile?.querySelector("img")?.alt.endsWith(path);
        };
        const give = (bytes: readonly number[], how: "drop" | "paste") => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
          const options = { bubbles: true, cancelable: true };
          dispatchEvent(
            how === "drop"
              ? new DragEvent("drop", { ...options, dataTransfer: data })
              : new ClipboardEvent("paste", { ...options, clipboardData: data }),
          );
        };
        for (const how of ["drop", "paste"] as const) {
          await page.evaluate(give, Array.from(wanted.bytes), how);
          await page.waitForFunction(isFound, {}, path);
          await page.click(".strip .end");
          await page.waitForFunction(() => document.querySelector(".strip") === null);
        }
        const input = await page.waitForSelector("input[type=file]");
        await input.uploadFile(`${folder}/${wanted.path}`);
        await page.waitForFunction(isFound, {}, path);
        await Deno.writeTextFile(`${folder}/notes.png`, "no image");
        await input.uploadFile(`${folder}/notes.png`);
        await waitForNotice(page, "Cannot search: expected a JPEG, PNG, GIF, BMP or WebP, found something else");
      } finally {
        await page.goto("about:blank");
        await served.close();
      }
    }),
);

pageTest(
  "duplicates are found, the slider moves them, and K keeps one of a group",
  async (page, _address, { collection }) => {
    await page.click("nav button:nth-child(2)");
    await page.waitForFunction(() => document.querySelector(".group") !== null, {});
    const slider = () => document.querySelector<HTMLInputElement>(".slider input")!.labels![0].textContent;
    assertEquals(await page.evaluate(slider), "Distance at most 0.60 of what is around"); // as moco duplicates asks
    await page.evaluate(() => {
      const slider = document.querySelector<HTMLInputElement>(".slider input")!;
      slider.value = "0.01";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const says = () => document.querySelector(".controls [role=status]")?.textContent;
    await page.waitForFunction(() => document.querySelectorAll(".group").length === 3);
    assertEquals(await page.evaluate(says), "3 groups of 9 images");
    await page.waitForFunction(() => location.hash.includes("within=0.01"));
    await page.focus(".group li button");
    await page.keyboard.press("k");
    await waitForNotice(page, "2 images tagged “duplicate”");
    assertEquals([...right(collection.tagged("duplicate"))], [OF_EACH - 1, OF_EACH]);
    await page.keyboard.press("k");
    await waitForNotice(page, "All of them are tagged “duplicate” already");
  },
);

pageTest("K keeps the largest image of a group even if it was marked", async (page, address, { collection }) => {
  await page.goto(`${address}#view=duplicates&within=0.01`);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".group").length === 3);
  await page.focus(".group li button");
  await page.keyboard.press("m");
  await waitForNotice(page, "1 image tagged “duplicate”");
  assertEquals([...right(collection.tagged("duplicate"))], [1]);
  await page.keyboard.press("k");
  await waitForNotice(page, "2 images tagged “duplicate”");
  assertEquals([...right(collection.tagged("duplicate"))], [OF_EACH - 1, OF_EACH]);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .facts");
});

pageTest(
  "K marks nothing where the mark of the largest image cannot be taken away",
  async (page, address, { collection }) => {
    right(collection.tag([1], "duplicate"));
    await page.goto(`${address}#view=duplicates&within=0.01`);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll(".group").length === 3);
    await page.focus(".group li button");
    await disturb(page, "api/tag/", "refuse");
    await page.keyboard.press("k");
    await waitForNotice(page, "It is busy");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assertEquals([...right(collection.tagged("duplicate"))], [1]);
  },
);

pageTest(
  "among duplicates a number's tag is for the image in focus, whatever is chosen elsewhere",
  async (page, address, made) => {
    right(made.collection.tag([5], "good"));
    await page.reload();
    await page.waitForSelector(".tile img");
    await chooseOne(page);
    await page.goto(`${address}#view=duplicates&within=0.01`);
    await page.waitForFunction(() => document.querySelectorAll(".group").length === 3);
    await page.focus(".group li button");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("1");
    await waitForNotice(page, "1 image tagged “good”");
    assertEquals([...right(made.collection.tagged("good"))].sort((a, b) => a - b), [5, OF_EACH - 1]);
  },
);

pageTest("the keys of the image dialog go on after one of its nearest images is pressed", async (page) => {
  await page.focus(".grid");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .neighbours button");
  const title = () => document.querySelector("dialog.image h2")?.textContent;
  const first = await page.evaluate(title);
  await page.click("dialog.image .neighbours button");
  await page.waitForFunction((first) => document.querySelector("dialog.image h2")?.textContent !== first, {}, first);
  await page.waitForSelector("dialog.image[open] .neighbours button");
  const second = await page.evaluate(title);
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction((second) => document.querySelector("dialog.image h2")?.textContent !== second, {}, second);
});

pageTest("the grid goes on at the place of an image that is no longer shown", async (page, address, { collection }) => {
  right(collection.tag([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "good"));
  await page.goto(`${address}#tag=good`);
  await page.reload();
  await waitForStatus(page, `10 of ${IMAGES} images`);
  await page.focus(".grid");
  for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("1");
  await waitForStatus(page, `9 of ${IMAGES} images`);
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector(".tile.active")?.id === "image-5"); // the row of image 6
});

pageTest("the legend is open on a wide window, and its faint names can be read", async (page) => {
  await page.setViewport({ width: 700, height: 800 });
  await page.reload();
  await page.waitForSelector(".tile img");
  await page.setViewport({ width: 1280, height: 800 });
  await page.waitForFunction(() => document.querySelector(".legend select")?.checkVisibility());
  await page.click(".legend li:nth-child(1) button");
  await waitForStatus(page, `${OF_EACH} of ${IMAGES} images`);
  assertEquals(await seriousFindings(page), []);
});

pageTest("a tile is named by its number until the details of its image come", async (page) => {
  await disturb(page, "api/images?", "hold", "from the next load");
  await page.reload();
  await page.waitForSelector(".tile");
  const names = await page.evaluate(() =>
    [...document.querySelectorAll(".tile .picture")].map((picture) => picture.getAttribute("aria-label"))
  );
  assertEquals(names.slice(0, 3), ["Image 1", "Image 2", "Image 3"]);
  assertEquals(await seriousFindings(page), []);
});

pageTest("a tag that was given stays, however late older details of the image come", async (page, address) => {
  await disturb(page, "api/images?", "hold", "from the next load");
  await page.goto(`${address}#view=duplicates&within=0.01`);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".group").length === 3);
  await page.focus(".group li button");
  await waitUntilHeld(page);
  await page.keyboard.press("m");
  await page.waitForSelector("li.marked");
  await release(page);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assertEquals(await page.evaluate(() => document.querySelectorAll("li.marked").length), 1);
});

pageTest("a search that the server cannot answer now stays, and is tried again", async (page) => {
  await chooseOne(page);
  await disturb(page, "api/like/", "refuse");
  await page.keyboard.press("s");
  await page.waitForFunction(() => document.querySelector(".strip .error")?.textContent === "It is busy");
  await page.waitForFunction(() => location.hash.includes("like="));
  await page.click(".strip .error + button");
  await page.waitForFunction(() => document.querySelector(".tile .figure")?.textContent?.startsWith("1"));
  assertEquals(await page.evaluate(() => document.querySelector(".strip .error")), null);
});

pageTest("an image that is sent slowly does not take the place of a search that was begun later", async (page) => {
  await chooseOne(page);
  await disturb(page, "api/example", "hold");
  await page.evaluate((bytes) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
    dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
  }, Array.from(photos()[0].bytes));
  await page.keyboard.press("s");
  const isFound = () => document.querySelector(".tile .figure")?.textContent?.startsWith("1");
  await page.waitForFunction(isFound);
  await release(page);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assertEquals(await page.evaluate(isFound), true);
  assert((await page.evaluate(() => decodeURIComponent(location.hash))).includes('"examples":[]'));
});

pageTest("of two images that are opened one after the other the later one is shown", async (page) => {
  await page.focus(".grid");
  await disturb(page, `rows=${IMAGES - 1}`, "hold"); // of the last image
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash === "#image=1");
  await release(page);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assertEquals(await page.evaluate(() => location.hash), "#image=1");
});

pageTest("two quick presses give a tag and take it away", async (page, _address, { collection }) => {
  right(collection.tag([5], "good"));
  await page.reload();
  await page.waitForSelector(".tile img");
  await chooseOne(page);
  await disturb(page, "api/tag/", "hold");
  await page.keyboard.press("1");
  await page.keyboard.press("1");
  await release(page);
  await waitForNotice(page, "“good” removed from 1 image");
  assertEquals([...right(collection.tagged("good"))], [5]);
});

pageTest("images are chosen on the way from one that is no longer shown", async (page, address, { collection }) => {
  right(collection.tag([1, 2, 3], "good"));
  await page.goto(`${address}#tag=good`);
  await page.reload();
  await waitForStatus(page, `3 of ${IMAGES} images`);
  await page.focus(".grid");
  await page.keyboard.press("1");
  await waitForStatus(page, `2 of ${IMAGES} images`);
  await page.keyboard.down("Shift");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.up("Shift");
  await page.waitForFunction(() => document.querySelector(".bar .status")?.textContent?.endsWith(" chosen"));
  await waitForStatus(page, "1 chosen");
});

pageTest("a selection that is gone shows no images, and not those of the one before", async (page, address, made) => {
  right(made.collection.select([1, 2], "kept"));
  await page.goto(`${address}#saved=kept`);
  await page.reload();
  await waitForStatus(page, `2 of ${IMAGES} images`);
  await page.evaluate(() => location.hash = "saved=gone");
  await waitForNotice(page, "Cannot find the selection");
  await waitForStatus(page, `0 of ${IMAGES} images`);
});

pageTest("an address that is followed just before the page writes its own is followed", async (page) => {
  await page.evaluate(() => {
    const wait = globalThis.setTimeout;
    const late: (() => void)[] = [];
    Object.assign(globalThis, {
      setTimeout: (call: () => void, time?: number) => time === 150 ? late.push(call) : wait(call, time),
    });
    const input = document.querySelector<HTMLInputElement>(".bar input")!;
    input.value = "leaf";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    location.hash = "path=sky/0";
    late.at(-1)!();
    globalThis.setTimeout = wait;
  });
  await waitForStatus(page, `10 of ${IMAGES} images`);
  assertEquals(await page.evaluate(() => document.querySelector<HTMLInputElement>(".bar input")!.value), "sky/0");
});

pageTest("an image without a vector says that it has no nearest images", async (page, address, { path }) => {
  const file = new DatabaseSync(path);
  file.exec("DELETE FROM vectors_1 WHERE image = 5");
  file.close();
  await page.goto(`${address}#image=5`);
  await page.reload();
  await page.waitForSelector("dialog.image[open] .facts");
  await page.waitForFunction(() =>
    document.querySelector(".about > .wrong")?.textContent === "Cannot search: none of the images has a vector"
  );
  const isDisabled = () =>
    [...document.querySelectorAll<HTMLButtonElement>("dialog.image .actions button")].at(-1)!.disabled;
  assertEquals(await page.evaluate(isDisabled), true); // not like this, where there is no search
});

pageTest("a time is the reader's own, and one that is too far off hides no page", async (page, address) => {
  await page.emulateTimezone("Asia/Tokyo");
  await page.goto(`${address}#image=1`);
  await page.reload();
  await page.waitForSelector("dialog.image[open] .facts");
  const facts = await page.evaluate(() => document.querySelector(".facts")!.textContent);
  assertMatch(facts, /Modified2023-11-15 07:13$/);
  await page.goto(`${address}#filters=[{"column":"modified","from":1e20}]`);
  await page.reload();
  await waitForStatus(page, `0 of ${IMAGES} images`);
});

pageTest("the keys of a control over an image are its own", async (page, address) => {
  await page.evaluateOnNewDocument(() => {
    const ask = globalThis.fetch;
    globalThis.fetch = (...asked) => {
      if (!String(asked[0]).includes("api/focus/")) return ask(...asked);
      const head = JSON.stringify({ kind: "shares", maps: 1, rows: 1, columns: 1, isCentral: true, crop: 1 });
      const bytes = new Uint8Array(136).fill(32, 4, 128);
      new DataView(bytes.buffer).setUint32(0, 124, true);
      bytes.set(new TextEncoder().encode(head), 4);
      return Promise.resolve(new Response(bytes));
    };
  });
  await page.goto(`${address}#image=5&look=mean`);
  await page.reload();
  await page.waitForSelector(".looks input[type=range]");
  await page.focus(".looks input[type=range]");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>(".looks input")!.value === "0.7");
  assertEquals(await page.evaluate(() => document.querySelector("dialog.image h2")?.textContent), "04.png");
});

pageTest(
  "a condition holds after the page is loaded again, although what it is about is still computed",
  async (page, address) => {
    await disturb(page, "api/neighbours/", "hold", "from the next load");
    await page.goto(`${address}#filters=${encodeURIComponent('[{"column":"outlier","from":99}]')}`);
    await page.reload();
    await waitUntilHeld(page);
    await waitForStatus(page, `0 of ${IMAGES} images`);
    const isSaid = (text: string) => document.querySelector(".empty p")?.textContent?.startsWith(text);
    await page.waitForFunction(isSaid, {}, "A filter uses values that are not there");
    await release(page);
    await page.waitForFunction(isSaid, { timeout: 20_000 }, "No image meets every condition");
    await waitForStatus(page, `0 of ${IMAGES} images`);
  },
);

pageTest("what goes wrong while an image is looked at is said before it", async (page) => {
  await page.focus(".grid");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .facts");
  await disturb(page, "api/tag/", "refuse");
  await page.keyboard.press("t");
  await page.waitForSelector("dialog.prompt[open]");
  await page.keyboard.type("good");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .notice.error");
});

pageTest("the image after an outlier is the next outlier", async (page, address) => {
  await page.goto(`${address}#view=outliers`);
  await page.reload();
  await page.waitForSelector(".tile img");
  const [, second] = await tiles(page);
  await page.focus(".grid");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .facts");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(
    (second) => {
      const path = document.querySelector("dialog.image .facts dd")?.textContent;
      return path && second.endsWith(path);
    },
    { timeout: 20_000 },
    second,
  );
});

/** Looks through another encoder. */
async function chooseEncoder(page: Page, name: string): Promise<void> {
  await page.evaluate((name) => {
    const select = document.querySelector<HTMLSelectElement>("header select")!;
    select.value = name;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }, name);
}

pageTest(
  "what one encoder finds is not shown under another, however late it comes",
  async (page, address, { path }) => {
    const database = right(openDatabase(path, "write"));
    const alike = right(encoderFor(database, { ...encoder, name: "alike", digest: "cd".repeat(32) }, true));
    for (let id = 1; id <= IMAGES; id++) putVector(database, alike, id, Float32Array.of(1, 0));
    database.close();

    await disturb(page, "api/neighbours/toy", "hold", "from the next load");
    const waitForGroups = (text: string) =>
      page.waitForFunction(
        (text) => document.querySelector(".controls [role=status]")?.textContent?.includes(text),
        {},
        text,
      );
    await page.goto(`${address}#view=duplicates&within=0.01`);
    await page.reload();
    await page.waitForFunction(() => document.querySelector("progress") !== null);
    await chooseEncoder(page, "alike");
    await waitForGroups(`${IMAGES} images`);
    await release(page);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await waitForGroups(`${IMAGES} images`);
    await chooseEncoder(page, "toy");
    await waitForGroups("3 groups of 9 images");
    await chooseEncoder(page, "alike");
    await waitForGroups(`${IMAGES} images`);

    // The column of one encoder's distances is gone under another encoder, whose comparison is not asked for here.
    const columns = () => [...document.querySelectorAll(".bar option")].map(({ textContent }) => textContent);
    await page.click("nav button:nth-child(1)");
    await page.waitForSelector(".bar");
    assert((await page.evaluate(columns)).includes("Distance to neighbours"));
    await chooseEncoder(page, "toy");
    await page.waitForFunction(() => location.hash.includes("encoder=toy"));
    assert(!(await page.evaluate(columns)).includes("Distance to neighbours"));
  },
);

browserTest(
  "a tab that is left open begins anew when another collection has its address",
  (page) =>
    withPhotoCollection((before) =>
      withPhotoCollection(async ({ collection }) => {
        const token = "0".repeat(32);
        let served = serve(before.collection, { token });
        const port = Number(new URL(served.address).port);
        try {
          await page.goto(served.address);
          /** The colour of the first picture. */
          const colour = async (): Promise<ArrayLike<number>> => {
            await page.waitForFunction(() => document.querySelector<HTMLImageElement>(".tile img")?.naturalWidth);
            return await page.evaluate(() => {
              const context = new OffscreenCanvas(1, 1).getContext("2d")!;
              context.drawImage(document.querySelector<HTMLImageElement>(".tile img")!, 0, 0, 1, 1);
              return Array.from(context.getImageData(0, 0, 1, 1).data);
            });
          };
          const [red, green] = Array.from(await colour());
          assert(green > red, "a leaf is green");
          await served.close();
          served = serve(collection, { token, port });
          await chooseOne(page);
          await tagChosen(page);
          await page.waitForFunction(() =>
            document.querySelector(".tile img")?.getAttribute("alt")?.startsWith("brick")
          );
          const [redder, lessGreen] = Array.from(await colour());
          assert(redder > lessGreen, "a brick is red");
          assertEquals(right(collection.tags()), []);
        } finally {
          await page.goto("about:blank");
          await served.close();
        }
      }, photos().toReversed())
    ),
);

pageTest("a busy collection is said, and what is chosen stays", async (page, _address, { collection }) => {
  await chooseOne(page);
  await page.evaluate(() => {
    const ask = globalThis.fetch;
    globalThis.fetch = (...asked) => {
      if (!String(asked[0]).includes("api/tag/good")) return ask(...asked);
      globalThis.fetch = ask; // once
      return Promise.resolve(Response.json({ error: "Cannot write: another program is writing" }, { status: 503 }));
    };
  });
  await tagChosen(page);
  await waitForNotice(page, "Cannot write: another program is writing");
  await waitForStatus(page, "1 chosen");
  await tagChosen(page);
  await waitForNotice(page, "1 image tagged “good”");
  assertEquals([...right(collection.tagged("good"))], [1]);
});

pageTest("a bookmark of an image with a large number opens that image", async (page, address, { path }) => {
  const id = 1_234_567;
  const file = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  file.exec(`UPDATE images SET id = ${id} WHERE id = 1; UPDATE vectors_1 SET image = ${id} WHERE image = 1`);
  file.close();
  await page.goto(`${address}#image=${id}`);
  for (let time = 0; time < 2; time++) {
    await page.reload();
    await page.waitForSelector("dialog.image[open] .facts");
    await new Promise((resolve) => setTimeout(resolve, 500)); // the page writes its address a little later
    assertEquals(await page.evaluate(() => location.hash), `#image=${id}`);
  }
});

pageTest("outliers and leaks have views of their own, what is farthest or most alike first", async (page, address) => {
  await page.goto(`${address}#view=leaks`);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".pairs li").length === 3, {});
  const current = () => document.querySelector("nav [aria-current]")?.textContent;
  assertEquals(await page.evaluate(current), "Leaks");
  await page.goto(`${address}#view=outliers`);
  await page.reload();
  await page.waitForSelector('[aria-label="Outliers"] .tile img');
  assertEquals(await page.evaluate(current), "Outliers");
  // Each kind lies on an arc, at one end of which are copies; the image at the other end is farthest from the others.
  const farthest = (await tiles(page)).slice(0, 3);
  assert(farthest.every((alt) => alt.endsWith(`${OF_EACH - 3}.png`)), farthest.join());
});

pageTest("the page is dark where the system is, and as the reader chooses", async (page) => {
  const background = () => getComputedStyle(document.body).backgroundColor;
  const lightness = async (): Promise<number> => Number((await page.evaluate(background)).match(/\d+/)![0]);
  assert(await lightness() > 200);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  assert(await lightness() < 60);
  await page.click('[aria-label^="Colours:"]');
  await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
});

pageTest("everything is reached by the keyboard alone", async (page) => {
  const focused = () => {
    const element = document.activeElement as HTMLElement;
    return element.getAttribute("aria-label") ?? element.textContent ?? "";
  };
  const reached: string[] = [];
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press("Tab");
    reached.push((await page.evaluate(focused)).trim());
  }
  const wanted = [
    "Images",
    "Duplicates",
    "Lasso (L)",
    "Map of",
    "Text in the path",
    "Filter",
    "Tag",
    "Export",
    "Width of the map",
  ];
  for (const name of wanted) assert(reached.some((one) => one.startsWith(name)), `${name}: ${reached.join(" | ")}`);
  await page.focus(".marks");
  await page.keyboard.press("+");
  await page.waitForFunction(() => location.hash.includes("at="));
  await page.keyboard.press("v");
  await page.waitForFunction(() => location.hash.includes("region="));
});

for (const view of ["images", "duplicates", "outliers", "leaks"]) {
  pageTest(
    `axe finds nothing serious in the view of ${view}, by day and by night, wide and narrow`,
    async (page, address) => {
      await page.goto(`${address}#view=${view}`);
      await page.reload();
      await page.waitForFunction(() => document.querySelector(".tile img, .group img, .pairs img") !== null, {
        timeout: 60_000,
      });
      for (const [width, scheme] of [[1280, "light"], [390, "dark"]] as const) {
        await page.setViewport({ width, height: 800 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        assertEquals(await seriousFindings(page), [], `${view} ${width} ${scheme}`);
      }
    },
  );
}

pageTest("a name with markup is text, and runs nothing", async (page) => {
  await page.focus(".grid");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .facts");
  const [title, isRun] = await page.evaluate(() => [
    document.querySelector("dialog.image h2")?.textContent,
    "isRun" in globalThis,
  ]);
  assertEquals([title, isRun], ["<img src=x onerror=isRun=1>.png", false]);
}, () => [{ ...photos()[0], path: "photos/<img src=x onerror=isRun=1>.png", label: "<script>isRun=1</script>" }]);
