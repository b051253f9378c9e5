/**
 * What it costs a training to be watched, and how quickly the page's server answers meanwhile:
 * `deno run -A bench/watch.ts [seconds]`.
 *
 * One training keeps every core busy. In turn nobody looks at it, its curves are asked for as the page asks, and the
 * page itself is open in a Chromium. Its speed in each turn is what its own file says.
 *
 * @module
 */
import about from "../deno.json" with { type: "json" };
import { parseMetrics } from "../src/train/metrics_log.ts";
import { findChromium } from "../test/support/find_chromium.ts";
import { puppeteer } from "../test/support/large_packages.ts";

/** Seconds of a turn, and how often each kind of turn comes. */
const [SECONDS, ROUNDS] = [Number(Deno.args[0] ?? 20), 4];

/** Starts `moco` as its task does. */
function moco(...args: readonly string[]): Deno.ChildProcess {
  const [, permissions] = about.tasks.moco.match(/deno (run .*) \S+$/)!;
  const words = [...permissions.split(" "), "src/cli/main.ts", ...args];
  return new Deno.Command(Deno.execPath(), { args: words, stdout: "piped", stderr: "null" }).spawn();
}

const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, 1000 * seconds));
const folder = await Deno.makeTempDir();
const run = `${folder}/run`;
const settings = "--data fashion-mnist --limit 20000 --batch 64 --queue 4096 --width 0.25 --epochs 1000 --log-every 5";
const training = moco("pretrain", ...settings.split(" "), "--out", run);
const lines = async () => parseMetrics(await Deno.readTextFile(`${run}/metrics.jsonl`).catch(() => ""));
while ((await lines()).length < 20) await wait(1);
const server = moco("explore", run);
let said = "";
for await (const part of server.stdout.pipeThrough(new TextDecoderStream())) {
  said += part;
  if (said.includes("\n")) break;
}
const address = said.match(/Open (\S+)/)![1];
await (await fetch(`${address}api/runs`)).json(); // the file is read whole once

const times: number[] = [];
let rows = 0;
async function asked(): Promise<void> {
  const begun = performance.now();
  const [{ count, generation }] = await (await fetch(`${address}api/runs`)).json();
  times.push(performance.now() - begun);
  const again = performance.now();
  const query = `generation=${generation}&from=${rows}&name=loss&name=chance&name=accuracy&name=gradientNorm`;
  await (await fetch(`${address}api/curves/0?${query}`)).arrayBuffer();
  times.push(performance.now() - again);
  rows = count;
}

const { launch } = await puppeteer();
const options = { executablePath: findChromium(), pipe: true, headless: true, args: ["--no-sandbox"] };
const browser = await launch({ ...options, protocolTimeout: 600_000 });
const page = await (await browser.createBrowserContext()).newPage();
const kinds: Readonly<Record<string, () => Promise<void>>> = {
  "nobody looks": () => wait(SECONDS),
  "its curves are asked for": async () => {
    for (const end = Date.now() + 1000 * SECONDS; Date.now() < end; await wait(2)) await asked();
  },
  "the page is open": async () => {
    await page.goto(address);
    await wait(SECONDS);
    await page.goto("about:blank");
  },
};
const speeds = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [kind, turn] of Object.entries(kinds)) {
    const before = (await lines()).length;
    await turn();
    const found = (await lines()).slice(before + 1).flatMap(({ imagesPerSecond }) => imagesPerSecond ?? []);
    speeds.get(kind)!.push(...found);
  }
}
for (const [kind, found] of speeds) {
  const mean = found.length / found.reduce((sum, speed) => sum + 1 / speed, 0); // of all images over all of the time
  console.log(`${kind}: ${mean.toFixed(1)} images a second (${found.length} lines)`);
}
const sorted = times.toSorted((a, b) => a - b);
const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1);
console.log(`answers: median ${at(0.5)} ms, 95 % below ${at(0.95)} ms, all below ${at(1)} ms (${times.length})`);
await browser.close();
for (const child of [server, training]) {
  child.kill("SIGKILL");
  await child.status;
}
await Deno.remove(folder, { recursive: true });
