/// <reference lib="dom" />
/**
 * How quickly the local page answers and paints: `deno run -A bench/explore.ts [images ...]`, by default 60,000 and
 * 1,000,000. It needs a Chromium, which draws without a graphics card if there is none. Then the answers to requests
 * while every core is busy, and what those requests cost whoever keeps them busy.
 *
 * @module
 */
import { putEmbedded, sourceFor } from "../src/search/collection/additions.ts";
import { openCollection } from "../src/search/collection/collection.ts";
import { openDatabase } from "../src/search/collection/database.ts";
import { encoderFor } from "../src/search/collection/encoders.ts";
import { serve } from "../src/serve/serve.ts";
import { right } from "../test/support/either.ts";
import { findChromium } from "../test/support/find_chromium.ts";
import { type Page, puppeteer } from "../test/support/large_packages.ts";

/** Numbers of a vector. */
const DIM = 128;

/** Clusters of the made-up map. */
const CLUSTERS = 10;

/** A collection of made-up images in ten clusters, without their files. */
function make(path: string, count: number): void {
  const database = right(openDatabase(path, "create"));
  const about = { name: "made-up", digest: "ab".repeat(32), dim: DIM, size: 8, channels: 1, mean: [0], std: [1] };
  const encoder = right(encoderFor(database, { ...about, madeBy: {} }, false));
  const source = sourceFor(database, "folder", "/nowhere");
  for (let from = 0; from < count; from += 10_000) {
    const images = Array.from({ length: Math.min(10_000, count - from) }, (_, place) => {
      const number = from + place;
      const vector = new Float32Array(DIM);
      vector[number % DIM] = 1;
      const label = `class ${number % CLUSTERS}`;
      return {
        ...{ path: `${label}/${number}.jpg`, digest: `${number}`, width: 640, height: 480, bytes: 60_000 },
        ...{ modified: 0, label, split: "train" as const, vector },
      };
    });
    putEmbedded(database, source, encoder, images);
  }
  database.close();
}

/** The median, and what all but one in twenty stay below, milliseconds. */
function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1);
  return `median ${at(0.5)} ms, 95 % below ${at(0.95)} ms`;
}

/** In the page: the times between frames while the map is moved for some seconds. */
function move(seconds: number): Promise<readonly number[]> {
  const map = document.querySelector<HTMLElement>(".marks")!;
  const { left, top, width, height } = map.getBoundingClientRect();
  const at = (share: number, type: string): void => {
    const place = { clientX: left + width * (0.3 + 0.2 * share), clientY: top + height / 2 };
    map.dispatchEvent(new PointerEvent(type, { ...place, pointerId: 1, button: 0, bubbles: true }));
  };
  map.setPointerCapture = () => {};
  at(0, "pointerdown");
  const began = performance.now();
  const times: number[] = [];
  return new Promise((resolve) => {
    let last = began;
    const frame = (now: number): void => {
      times.push(now - last);
      last = now;
      at(Math.sin((now - began) / 300), "pointermove");
      if (now - began < 1000 * seconds) return void requestAnimationFrame(frame);
      at(0, "pointerup");
      resolve(times.slice(1));
    };
    requestAnimationFrame(frame);
  });
}

async function measure(page: Page, count: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/made-up.moco`;
  make(path, count);
  const collection = right(await openCollection(path, { write: true })());
  const { ids } = right(collection.vectors());
  const points = Float32Array.from({ length: 2 * count }, (_, at) => {
    const [cluster, angle] = [(at >> 1) % CLUSTERS, (at >> 1) * 2.399963];
    const distance = 0.8 * Math.sqrt(((at >> 1) * 0.618034) % 1);
    return at % 2 === 0
      ? 4 * Math.cos(cluster) + distance * Math.cos(angle)
      : 4 * Math.sin(2.1 * cluster) + distance * Math.sin(angle);
  });
  right(collection.setMap({ ids, points, settings: {} }));
  const served = serve(collection);
  const began = performance.now();
  await page.goto(served.address);
  const shell = performance.now() - began;
  await page.waitForFunction(() => document.querySelectorAll(".legend li").length > 0, { timeout: 120_000 });
  await page.waitForFunction(() => document.querySelector(".over") === null, { timeout: 120_000 });
  const whole = performance.now() - began;
  const frames = await page.evaluate(move, 4);
  const { version } = await (await fetch(`${served.address}api/collection`)).json();
  const answers: number[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const asked = performance.now();
    const like = { method: "POST", body: JSON.stringify({ these: [ids[turn]], those: [] }) };
    await (await fetch(`${served.address}api/like/made-up?version=${version}`, like)).arrayBuffer();
    answers.push(performance.now() - asked);
  }
  console.log(
    `${count.toLocaleString("en")} images: page after ${shell.toFixed(0)} ms, map after ${
      whole.toFixed(0)
    } ms; frames ` +
      `while it is moved: ${summary(frames)}; similarity to an image: ${summary(answers)}`,
  );
  await page.goto("about:blank");
  await served.close();
  collection.close();
  await Deno.remove(folder, { recursive: true });
}

/** Rounds that programs which keep every core busy do in some seconds, while `f` runs. */
async function roundsBeside(seconds: number, f: () => Promise<void>): Promise<number> {
  const program = `let n = 0, end = performance.now() + ${1000 * seconds};
    while (performance.now() < end) for (let i = 0; i < 1e6; i++) n += Math.sqrt(i) > 0 ? 1e-6 : 0;
    console.log(n);`;
  const busy = Array.from(
    { length: navigator.hardwareConcurrency },
    () => new Deno.Command(Deno.execPath(), { args: ["eval", program], stdout: "piped" }).output(),
  );
  await f();
  const rounds = await Promise.all(busy);
  return rounds.map(({ stdout }) => Number(new TextDecoder().decode(stdout))).reduce((sum, one) => sum + one, 0);
}

/** Answers beside programs that keep every core busy: a request each 200 ms, as a reader makes them. */
async function beside(count: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  make(`${folder}/made-up.moco`, count);
  const collection = right(await openCollection(`${folder}/made-up.moco`, { write: true })());
  const served = serve(collection);
  const { version } = await (await fetch(`${served.address}api/collection`)).json();
  const requests: Readonly<Record<string, () => Promise<Response>>> = {
    "48 images": () =>
      fetch(`${served.address}api/images?version=${version}&rows=${Array.from({ length: 48 }).map((_, i) => i)}`),
    "a tag": () =>
      fetch(`${served.address}api/tag/good?version=${version}`, {
        method: "POST",
        body: JSON.stringify({ ids: [1, 2, 3], on: true }),
      }),
    "similarity": () => {
      const like = { method: "POST", body: JSON.stringify({ these: [1], those: [] }) };
      return fetch(`${served.address}api/like/made-up?version=${version}`, like);
    },
  };
  for (const ask of Object.values(requests)) await (await ask()).arrayBuffer();
  const times: Record<string, number[]> = {};
  const seconds = 15;
  const alone = await roundsBeside(seconds, () => Promise.resolve());
  const asked = await roundsBeside(seconds, async () => {
    const end = performance.now() + 1000 * (seconds - 1);
    for (let turn = 0; performance.now() < end; turn++) {
      const [name, ask] = Object.entries(requests)[turn % 3];
      const began = performance.now();
      await (await ask()).arrayBuffer();
      (times[name] ??= []).push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
  for (const [name, list] of Object.entries(times)) console.log(`beside busy cores, ${name}: ${summary(list)}`);
  console.log(`cost: ${(100 * (1 - asked / alone)).toFixed(1)} % of what the cores did alone`);
  await served.close();
  collection.close();
  await Deno.remove(folder, { recursive: true });
}

const counts = Deno.args.length > 0 ? Deno.args.map(Number) : [60_000, 1_000_000];
const { launch } = await puppeteer();
const args = ["--no-sandbox", "--enable-unsafe-swiftshader"];
const browser = await launch({ executablePath: findChromium(), pipe: true, headless: true, args });
const page = await (await browser.createBrowserContext()).newPage();
await page.setViewport({ width: 1440, height: 900 });
for (const count of counts) await measure(page, count);
await browser.close();
await beside(60_000);
