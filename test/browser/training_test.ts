/// <reference lib="dom" />
/**
 * Trainings on the page, as their reader sees them.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { defaultConfig } from "../../src/config/default_config.ts";
import { watchRun } from "../../src/run/watched/watch_run.ts";
import { serve, type Served } from "../../src/serve/serve.ts";
import { browserTest } from "../support/browser.ts";
import { disturb, release, waitUntilHeld } from "../support/disturbed_request.ts";
import type { Page } from "../support/large_packages.ts";
import { photos, withPhotoCollection } from "../support/photo_collection.ts";
import { seriousFindings } from "../support/serious_findings.ts";

/** A line of a run in epochs of ten steps, whose loss falls from 6 as the run goes on. */
function line(step: number, more: Readonly<Record<string, number>> = {}): string {
  const loss = 1 + 5 * Math.exp(-step / 50);
  const metrics = { loss, chance: 6, accuracy: step / 400, gradientNorm: 1 + 1 / step, featureStd: 0.9, ...more };
  return `${JSON.stringify({ step, epoch: step / 10, metrics, imagesPerSecond: 500 })}\n`;
}

/** The lines of a run's steps. */
function lines(from: number, to: number, more: Readonly<Record<string, number>> = {}): string {
  return Array.from({ length: to - from + 1 }, (_, at) => line(from + at, more)).join("");
}

const config = JSON.stringify({ ...defaultConfig, training: { ...defaultConfig.training, epochs: 20, batch: 64 } });

/** What each run's file of metrics holds at first, by the run's name. */
type Runs = Readonly<Record<string, string>>;

/** A test with the page of some runs, before it is loaded. */
function runsTest(
  name: string,
  runs: Runs,
  test: (page: Page, served: Served, file: (run: string) => string) => Promise<void>,
): void {
  browserTest(name, async (page) => {
    const folder = await Deno.makeTempDir();
    const file = (run: string): string => `${folder}/${run}/metrics.jsonl`;
    for (const [run, text] of Object.entries(runs)) {
      await Deno.mkdir(`${folder}/${run}`);
      await Deno.writeTextFile(`${folder}/${run}/config.json`, config);
      if (text !== "") await Deno.writeTextFile(file(run), text);
    }
    const named = Object.keys(runs).map((run) => ({ name: run, run: watchRun(`${folder}/${run}`) }));
    const served = serve(undefined, { runs: named });
    try {
      await page.setViewport({ width: 1280, height: 900 });
      await page.goto(served.address);
      await test(page, served, file);
    } finally {
      await page.goto("about:blank"); // so that no request is under way when the server ends
      await served.close().catch(() => {});
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const add = (path: string, text: string) => Deno.writeTextFile(path, text, { append: true });

/** Waits until the list of runs says something. */
async function waitForStanding(page: Page, text: string): Promise<void> {
  const says = (text: string) => document.querySelector(".runs")?.textContent?.includes(text) ?? false;
  await page.waitForFunction(says, {}, text);
}

/** What stands beside the curves of a chart: the name and the value of each. */
function readings(page: Page, title: string): Promise<readonly (readonly string[])[]> {
  return page.evaluate((title) => {
    const chart = [...document.querySelectorAll(".chart")].find((one) =>
      one.querySelector("h3")?.textContent === title
    );
    return [...chart?.querySelectorAll(".readings li") ?? []].map((item) =>
      [...item.querySelectorAll("span")].map((part) => part.textContent ?? "")
    );
  }, title);
}

const titles = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => [...document.querySelectorAll(".chart h3")].map((title) => title.textContent ?? ""));

/** Chooses a value of a list. */
async function choose(page: Page, selector: string, value: string): Promise<void> {
  await page.waitForSelector(selector);
  await page.evaluate(
    (selector, value) => {
      const list = document.querySelector<HTMLSelectElement>(selector)!;
      list.value = value;
      list.dispatchEvent(new Event("change", { bubbles: true }));
    },
    selector,
    value,
  );
}

runsTest(
  "a run is followed while it trains: its file grows, is cut off and written anew, vanishes and comes again",
  { photos: lines(1, 20) },
  async (page, _served, file) => {
    await page.waitForSelector(".chart path");
    assertEquals(await titles(page), [
      ...["Loss", "Contrast accuracy", "Spread of the features", "Gradient norm", "Images a second"],
    ]);
    await waitForStanding(page, "Epoch 2 of 20, step 20, about 23 s left.");
    assertEquals(await readings(page, "Contrast accuracy"), [["photos", "5.0 %"]]);
    const points = () => document.querySelector(".chart path")!.getAttribute("d")!.split("L").length;
    assertEquals(await page.evaluate(points), 20);
    await add(file("photos"), `${lines(21, 40)}${line(41).slice(0, 30)}`);
    await waitForStanding(page, "step 40");
    assertEquals(await readings(page, "Contrast accuracy"), [["photos", "10.0 %"]]);
    assertEquals(await page.evaluate(points), 40);
    await add(file("photos"), line(41).slice(30));
    await waitForStanding(page, "step 41");
    await Deno.writeTextFile(file("photos"), `${lines(1, 20)}${lines(21, 30, { accuracy: 1 })}`);
    await waitForStanding(page, "step 30");
    assertEquals(await readings(page, "Contrast accuracy"), [["photos", "100.0 %"]]);
    assertEquals(await page.evaluate(points), 30);
    await Deno.remove(file("photos"));
    await waitForStanding(page, "Its file cannot be read any more, after step 30.");
    assertEquals((await titles(page)).length, 5); // what was seen stays
    await Deno.writeTextFile(file("photos"), lines(1, 200));
    await waitForStanding(page, "Finished after 20 epochs, step 200.");
  },
);

runsTest(
  "several runs lie over each other, one can be hidden, and the address holds how they are looked at",
  { a: lines(1, 100), b: lines(1, 50, { loss: 3 }) },
  async (page) => {
    await page.waitForSelector(".chart path");
    const loss = await readings(page, "Loss");
    assertEquals(loss.map(([name]) => name), ["a", "b", "a, guessing", "b, guessing"]);
    assertEquals(loss[1][1], "3");
    await page.click(".runs li:nth-child(1) input");
    await choose(page, ".controls select", "epoch");
    await page.evaluate(() => {
      const slider = document.querySelector<HTMLInputElement>(".slider input")!;
      slider.value = "0.9";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.click(".controls input[type=checkbox]");
    await page.waitForFunction(() => location.hash.includes("log=yes"));
    const state = await page.evaluate(() => location.hash);
    for (const part of ["hidden=0", "x=epoch", "smooth=0.9", "log=yes"]) assert(state.includes(part), state);
    await page.reload();
    await page.waitForSelector(".chart path.raw"); // smoothed
    assertEquals((await readings(page, "Loss")).map(([name]) => name), ["b", "b, guessing"]);
    assertEquals(await page.evaluate(() => location.hash), state);
    const last = () => [...document.querySelectorAll(".chart .across")].at(-1)?.textContent;
    assertEquals(await page.evaluate(last), "5");
  },
);

runsTest(
  "the pointer and the keys read the values of every run at a step",
  { a: lines(1, 100), b: lines(1, 50) },
  async (page) => {
    await page.waitForSelector(".chart path");
    const box = (await (await page.waitForSelector(".plot"))!.boundingBox())!;
    await page.mouse.move(box.x + 56 + (box.width - 68) * 19.2 / 99, box.y + 80);
    const stepOf = (text: string) => [...document.querySelectorAll(".controls span")].at(-1)?.textContent === text;
    await page.waitForFunction(stepOf, {}, "Values at step 20");
    assertEquals(await readings(page, "Contrast accuracy"), [["a", "5.0 %"], ["b", "5.0 %"]]);
    await page.mouse.move(5, 5);
    await page.waitForFunction(stepOf, {}, "Values at the end");
    await page.focus(".plot");
    const valueText = () => document.querySelector(".plot")!.getAttribute("aria-valuetext") ?? "";
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(stepOf, {}, "Values at step 2");
    await page.keyboard.down("Shift");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.up("Shift");
    await page.waitForFunction(stepOf, {}, "Values at step 12");
    assertMatch(await page.evaluate(valueText), /^step 12: a 4\.933, b 4\.933, a, guessing 6, b, guessing 6$/);
    await page.waitForFunction(() => location.hash.includes("read=12"));
    await page.keyboard.press("End");
    await page.waitForFunction(stepOf, {}, "Values at step 100");
    assertEquals(await readings(page, "Contrast accuracy"), [["a", "25.0 %"], ["b", "12.5 %"]]); // b ends at step 50
    await page.keyboard.press("Escape");
    await page.waitForFunction(stepOf, {}, "Values at the end");
    await page.click(".chart .values summary");
    await page.waitForSelector(".chart table tbody tr");
    const table = await page.evaluate(() =>
      [...document.querySelectorAll(".chart table")].map((one) => [
        one.querySelectorAll("tbody tr").length,
        one.querySelector("tbody tr:last-child")?.textContent,
      ])
    );
    assertEquals(table, [[40, "1001.677–6–"]]);
  },
);

runsTest(
  "what goes wrong in a run is said in words, and a curve without a chart of its own can be added",
  { a: lines(1, 30), b: lines(1, 29) },
  async (page, _served, file) => {
    await page.waitForSelector(".chart path");
    await add(file("a"), line(31, { gradientNorm: 90, featureStd: 0.001, "gradientNorm.conv1": 3 }));
    await page.waitForSelector(".alarms li");
    const alarms = await page.evaluate(() =>
      [...document.querySelectorAll(".alarms li")].map((one) => one.textContent)
    );
    assertEquals(alarms.length, 2);
    assertMatch(alarms[0]!, /^a: Alarm at step 31: the features have collapsed/);
    await choose(page, ".controls label:last-of-type select", "gradientNorm.conv1");
    await page.waitForFunction(() => [...document.querySelectorAll("h3")].at(-1)?.textContent === "gradientNorm.conv1");
    assertEquals(await readings(page, "gradientNorm.conv1"), [["a", "3"]]);
  },
);

runsTest(
  "a run that has written nothing yet says so, and shows by itself what comes",
  { new: "" },
  async (page, _s, file) => {
    await waitForStanding(page, "It has written nothing yet, or its folder is gone.");
    await page.waitForSelector(".page .empty");
    await Deno.writeTextFile(file("new"), lines(1, 3));
    await page.waitForSelector(".chart path");
    await page.waitForFunction(() => document.querySelector(".page .empty") === null);
  },
);

runsTest("a server that has ended is said, and the curves stay", { a: lines(1, 9) }, async (page, served) => {
  await page.waitForSelector(".chart path");
  await page.setOfflineMode(true);
  await page.waitForSelector(".lead [role=alert]");
  assertMatch(
    await page.evaluate(() => document.querySelector(".lead [role=alert]")!.textContent!),
    /^The server does not answer/,
  );
  assert((await titles(page)).length > 0);
  await page.setOfflineMode(false);
  await page.waitForFunction(() => document.querySelector(".lead [role=alert]") === null);
  assert(served.address.startsWith("http"));
});

const markup = "<img src=x onerror=isRun=1>";
runsTest(
  "names with markup are text, and run nothing",
  { [markup.replaceAll("/", "")]: line(1, { [markup]: 1 }) },
  async (page) => {
    await page.waitForSelector(".chart path");
    await choose(page, ".controls label:last-of-type select", markup);
    await page.waitForFunction((name) => [...document.querySelectorAll("h3")].at(-1)?.textContent === name, {}, markup);
    assertEquals(await page.evaluate(() => "isRun" in globalThis), false);
  },
);

runsTest(
  "axe finds nothing serious about trainings, by day and by night, wide and narrow",
  { a: `${lines(1, 30)}${line(31, { featureStd: 0.001 })}`, b: lines(1, 20), none: "" },
  async (page) => {
    await page.waitForSelector(".chart path");
    await page.click(".chart .values summary");
    await page.waitForSelector(".chart table");
    for (const [width, scheme] of [[1280, "light"], [390, "dark"]] as const) {
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.waitForFunction((scheme) => document.documentElement.dataset.theme === scheme, {}, scheme);
      assertEquals(await seriousFindings(page), [], `${width} ${scheme}`);
      const isTooWide = () => document.documentElement.scrollWidth > innerWidth;
      assertEquals(await page.evaluate(isTooWide), false);
    }
  },
);

runsTest(
  "the views of a run are drawn when they are opened, and where there is no queue the page says why",
  { a: lines(1, 9) },
  async (page, _served, file) => {
    const folder = file("a").replace("/metrics.jsonl", "");
    await Deno.mkdir(`${folder}/photos`);
    for (const [name, { bytes }] of photos().slice(0, 4).entries()) {
      await Deno.writeFile(`${folder}/photos/${name}.png`, bytes);
    }
    const data = { name: "folder", path: `${folder}/photos` };
    const augment = { ...defaultConfig.augment, size: 8 };
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ ...defaultConfig, data, augment }));
    await page.waitForSelector(".chart path");
    await page.focus(".part:nth-of-type(1) summary");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>(".part img")?.naturalWidth ?? 0) > 0);
    await page.waitForFunction(() => location.hash === "#views=yes");
    await page.focus(".part:nth-of-type(2) summary");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".part [role=alert]");
    const said = await page.evaluate(() => document.querySelector(".part [role=alert]")!.textContent!);
    assertMatch(said, /^Cannot find a checkpoint in /);
    assertEquals(await seriousFindings(page), []);
    await page.waitForFunction(() => location.hash === "#views=yes&queue=yes");
    await page.reload();
    await page.waitForSelector(".part img");
    await page.waitForSelector(".part [role=alert]");
  },
);

runsTest(
  "the runs are looked at every two seconds, however often the page was hidden and seen",
  { photos: lines(1, 20) },
  async (page) => {
    await page.waitForSelector(".chart path");
    await page.evaluate(() => {
      const ask = globalThis.fetch;
      const counted = Object.assign(globalThis, { looks: 0 });
      globalThis.fetch = async (...asked) => {
        if (asked[0] === "api/runs") counted.looks++;
        await new Promise((resolve) => setTimeout(resolve, 200));
        return await ask(...asked);
      };
      for (let time = 0; time < 8; time++) document.dispatchEvent(new Event("visibilitychange"));
    });
    const looks = () => (globalThis as unknown as { readonly looks: number }).looks;
    await page.waitForFunction(() => (globalThis as unknown as { readonly looks: number }).looks >= 9);
    const before = await page.evaluate(looks);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const during = await page.evaluate(looks) - before;
    assert(during <= 3, `${during} looks`);
  },
);

runsTest(
  "a curve that was added stays, though what was asked for before comes later",
  { photos: lines(1, 20, { extra: 1 }) },
  async (page, _served, file) => {
    await page.waitForSelector(".chart path");
    await disturb(page, "api/curves/", "hold");
    await add(file("photos"), lines(21, 22, { extra: 1 }));
    await waitUntilHeld(page);
    await choose(page, ".controls .field:last-of-type select", "extra");
    const isShown = () =>
      [...document.querySelectorAll(".chart h3")].some(({ textContent }) => textContent === "extra");
    await page.waitForFunction(isShown);
    await release(page);
    for (let time = 0; time < 20; time++) {
      assert(await page.evaluate(isShown));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
);

browserTest("a collection and a run share the page", (page) =>
  withPhotoCollection(async ({ collection, folder }) => {
    await Deno.mkdir(`${folder}/run`);
    await Deno.writeTextFile(`${folder}/run/metrics.jsonl`, lines(1, 9));
    const served = serve(collection, { runs: [{ name: "run", run: watchRun(`${folder}/run`) }] });
    try {
      await page.goto(served.address);
      await page.waitForSelector(".tile img");
      await page.click("nav button:last-child");
      await page.waitForSelector(".chart path");
      await page.waitForFunction(() => location.hash === "#view=training");
      await page.reload();
      await page.waitForSelector(".chart path");
      const current = () => document.querySelector("nav [aria-current]")?.textContent;
      assertEquals(await page.evaluate(current), "Training");
    } finally {
      await page.goto("about:blank");
      await served.close();
    }
  }));
