/// <reference lib="dom" />
/**
 * The pictures of `docs/explore.md`, from the real page:
 *
 *     deno run -A test/browser/screenshots.ts COLLECTION CHECKPOINTS [FOLDER]
 *
 * The first collection has a map and a run's vectors; the second has those of several checkpoints.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { openCollection } from "../../src/search/collection/collection.ts";
import { serve } from "../../src/serve/serve.ts";
import { right } from "../support/either.ts";
import { findChromium } from "../support/find_chromium.ts";
import { type Page, puppeteer } from "../support/large_packages.ts";

/** A picture: the state in the address, the page's size, light or dark, and what must be there. */
type Picture = {
  readonly address: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly scheme: "light" | "dark";
  readonly wanted: string;
  /** Whether it is of the collection with several checkpoints. */
  readonly isOfCheckpoints?: boolean;
  /** What is done before the picture is taken. */
  readonly then?: (page: Page) => Promise<void>;
};

const wide = { width: 1280, height: 800 };

const zoom = async (page: Page): Promise<void> => {
  await page.focus(".marks");
  for (let turn = 0; turn < 3; turn++) await page.keyboard.press("+");
  await page.evaluate(() => (document.activeElement as HTMLElement).blur()); // without the ring of the keyboard's focus
};

const views = async (page: Page): Promise<void> => {
  await page.click(".views summary");
  await page.waitForSelector(".view img.Second");
};

const pictures: Readonly<Record<string, Picture>> = {
  map: { address: "", size: wide, scheme: "light", wanted: ".legend li" },
  near: { address: "", size: wide, scheme: "dark", wanted: ".legend li", then: zoom },
  image: {
    ...{ address: "#image=1508&encoder=%&look=mean", size: wide, scheme: "light", wanted: "canvas.focus" },
    ...{ isOfCheckpoints: true, then: views },
  },
  duplicates: { address: "#view=duplicates", size: wide, scheme: "light", wanted: ".group img, .empty" },
  encoders: {
    address: "#encoder=@&beside=%",
    size: wide,
    scheme: "light",
    wanted: ".legend li",
    isOfCheckpoints: true,
  },
  phone: { address: "", size: { width: 390, height: 780 }, scheme: "dark", wanted: ".tile img" },
};

/** Rows of the page are there, and so are their pictures, or their names in place of those. */
const hasCome = (wanted: string): boolean =>
  document.querySelector(wanted) !== null && document.querySelector(".over") === null &&
  [...document.images].every((image) => image.complete);

const [first, second, folder = fileURLToPath(new URL("../../docs/explore", import.meta.url))] = Deno.args;
await Deno.mkdir(folder, { recursive: true });
const collections = await Promise.all(
  [first, second].map(async (path) => right(await openCollection(path, { write: true })())),
);
const served = collections.map((collection) => serve(collection));
const checkpoints = right(collections[1].encoders()).map(({ name }) => encodeURIComponent(name));
const [oldest, last] = [checkpoints[0], checkpoints.at(-1)!];
const { launch } = await puppeteer();
const args = ["--no-sandbox", "--enable-unsafe-swiftshader"];
const patience = { protocolTimeout: 600_000 };
const browser = await launch({ executablePath: findChromium(), pipe: true, headless: true, args, ...patience });
for (const [name, { address, size, scheme, wanted, isOfCheckpoints = false, then }] of Object.entries(pictures)) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  await page.setViewport(size);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(`${served[Number(isOfCheckpoints)].address}${address.replace("%", last).replace("@", oldest)}`);
  await page.waitForFunction(hasCome, {}, wanted);
  await then?.(page);
  await new Promise((resolve) => setTimeout(resolve, 1500)); // until the map has settled and its pictures are asked for
  await page.waitForFunction(hasCome, {}, wanted);
  await page.screenshot({ path: `${folder}/${name}.webp` });
  console.log(`${folder}/${name}.webp`);
  await context.close();
}
await browser.close();
await Promise.all(served.map(({ close }) => close()));
collections.forEach(({ close }) => close());
