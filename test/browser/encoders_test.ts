/// <reference lib="dom" />
/**
 * Encoders in the page: two of them side by side, and where one looks in an image.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { drawMaps } from "../../src/run/draw_map.ts";
import { embedCheckpoints } from "../../src/run/embed.ts";
import { openCollection } from "../../src/search/collection/collection.ts";
import { serve } from "../../src/serve/serve.ts";
import { browserTest } from "../support/browser.ts";
import { right } from "../support/either.ts";
import type { Page } from "../support/large_packages.ts";
import { IMAGES, photos } from "../support/photo_collection.ts";
import { seriousFindings } from "../support/serious_findings.ts";
import { storeEncoder } from "../support/stored_encoder.ts";

/** A test with the page of the photographs, embedded by three checkpoints of an untrained ViT of two heads. */
function encodersTest(name: string, run: (page: Page) => Promise<void>): void {
  browserTest(name, async (page) => {
    const folder = await Deno.makeTempDir();
    for (const { path, bytes } of photos()) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    await Deno.mkdir(`${folder}/run/checkpoints`, { recursive: true });
    const encoder = { name: "vit-tiny", channels: 8, depth: 2, heads: 2, patch: 4 } as const;
    for (const step of [0, 1, 2]) {
      await storeEncoder(`${folder}/run/checkpoints/step-0000000${step}.safetensors`, { seed: step, encoder });
    }
    const to = `${folder}/photos.moco`;
    right(await embedCheckpoints({ run: `${folder}/run`, to, data: { name: "folder", path: `${folder}/photos` } })());
    right(await drawMaps({ collection: to, k: 5 })());
    const collection = right(await openCollection(to, { write: true })());
    const served = serve(collection);
    try {
      await page.setViewport({ width: 1280, height: 800 });
      await page.goto(served.address);
      await page.waitForSelector(".tile img");
      await run(page);
    } finally {
      await page.goto("about:blank");
      await served.close();
      collection.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** What the line above the images says. */
function status(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector(".bar .status")?.textContent ?? "");
}

encodersTest("two encoders stand side by side, and what is chosen on either map is chosen on both", async (page) => {
  await page.click('[aria-label="Two encoders side by side"]');
  await page.waitForFunction(() => document.querySelectorAll(".marks").length === 2);
  await page.waitForFunction(() => document.querySelector(".over") === null);
  const shown = () => [...document.querySelectorAll<HTMLSelectElement>(".map-head select")].map(({ value }) => value);
  assertEquals(await page.evaluate(shown), ["run-step-00000000", "run-step-00000002"]);
  assertEquals(await seriousFindings(page), []);

  await page.click('[aria-label="Rectangle (R)"]');
  const { x, y, width, height } = await page.evaluate(() => {
    const { x, y, width, height } = document.querySelectorAll(".marks")[1].getBoundingClientRect();
    return { x, y, width, height };
  });
  await page.mouse.move(x + 2, y + 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height - 2);
  await page.mouse.up();
  await page.waitForFunction(() => location.hash.includes("regionOn=beside"));
  const chosen = await status(page);
  assert(/^\d+ of /.test(chosen) && !chosen.startsWith(`${IMAGES} `), chosen);
  await page.reload();
  await page.waitForFunction((text) => document.querySelector(".bar .status")?.textContent === text, {}, chosen);

  await page.evaluate(() => {
    const slider = document.querySelector<HTMLInputElement>(".map-head input")!;
    slider.value = "1";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.waitForFunction(() => location.hash.includes("encoder=run-step-00000001"));
  assertEquals(await page.evaluate(shown), ["run-step-00000001", "run-step-00000002"]);
  await page.click('[aria-label="Two encoders side by side"]');
  await page.waitForFunction(() => document.querySelectorAll(".marks").length === 1);
  // The region that was drawn on the map that is gone holds no longer, and is not said to.
  assertEquals(await status(page), `${IMAGES} images`);
  assertEquals(await page.evaluate(() => document.querySelector(".chips")), null);
});

encodersTest("one image shows where the encoder looks, by head, and two views of it", async (page) => {
  await page.focus(".grid");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.image[open] .looks button");
  await page.click(".looks button");
  await page.waitForSelector("canvas.focus");
  const painted = () => document.querySelector<HTMLCanvasElement>("canvas.focus")!.toDataURL();
  const mean = await page.evaluate(painted);
  await page.evaluate(() => {
    const select = document.querySelector<HTMLSelectElement>(".looks select")!;
    select.value = "1";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.waitForFunction(
    (before) => document.querySelector<HTMLCanvasElement>("canvas.focus")!.toDataURL() !== before,
    {},
    mean,
  );
  await page.waitForFunction(() => location.hash.includes("look=1"));
  const { width, height } = await page.evaluate(() => {
    const { width, height } = document.querySelector<HTMLCanvasElement>("canvas.focus")!;
    return { width, height };
  });
  assertEquals([width, height], [512, 384]); // the proportions of the image, 40 x 30 pixels
  await page.click(".views summary");
  await page.waitForFunction(() => document.querySelectorAll(".view img").length === 2);
  const source = () => document.querySelector<HTMLImageElement>(".view img")?.src;
  const before = await page.evaluate(source);
  await page.click(".views button");
  await page.waitForFunction(
    (before) => ![undefined, before].includes(document.querySelector<HTMLImageElement>(".view img")?.src),
    {},
    before,
  );
  assertEquals(await seriousFindings(page), []);
});
