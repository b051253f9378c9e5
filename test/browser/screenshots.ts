/// <reference lib="dom" />
/**
 * The pictures of `docs/explore.md`, from the real page: `deno run -A test/browser/screenshots.ts COLLECTION`.
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
  /** What is done before the picture is taken. */
  readonly then?: (page: Page) => Promise<void>;
};

const wide = { width: 1280, height: 800 };

const zoom = async (page: Page): Promise<void> => {
  await page.focus(".marks");
  for (let turn = 0; turn < 5; turn++) await page.keyboard.press("+");
};

const pictures: Readonly<Record<string, Picture>> = {
  map: { address: "", size: wide, scheme: "light", wanted: ".legend li" },
  near: { address: "", size: wide, scheme: "dark", wanted: ".legend li", then: zoom },
  image: { address: "#image=1", size: wide, scheme: "light", wanted: ".neighbours img" },
  duplicates: { address: "#view=duplicates", size: wide, scheme: "light", wanted: ".group img" },
  phone: { address: "", size: { width: 390, height: 780 }, scheme: "dark", wanted: ".tile img" },
};

const collection = right(await openCollection(Deno.args[0], { write: true })());
const served = serve(collection);
const { launch } = await puppeteer();
const args = ["--no-sandbox", "--enable-unsafe-swiftshader"];
const patience = { protocolTimeout: 600_000 };
const browser = await launch({ executablePath: findChromium(), pipe: true, headless: true, args, ...patience });
const page = await (await browser.createBrowserContext()).newPage();
for (const [name, { address, size, scheme, wanted, then }] of Object.entries(pictures)) {
  await page.setViewport(size);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto("about:blank");
  await page.goto(`${served.address}${address}`);
  await page.waitForFunction((wanted) => document.querySelector(wanted) !== null, { timeout: 300_000 }, wanted);
  await then?.(page);
  await new Promise((resolve) => setTimeout(resolve, 3000)); // until the pictures have come
  await page.screenshot({ path: fileURLToPath(new URL(`../../docs/explore/${name}.webp`, import.meta.url)) });
}
await browser.close();
await served.close();
collection.close();
