/**
 * The input pipeline beside PyTorch's: photographs of 500x375 to two random views of 224 pixels, decoding included and
 * augmentation aside; what memory it takes, and how soon the first batch is there.
 *
 *     deno run -A bench/pipeline.ts --python VENV/bin/python
 *
 * The Python needs torchvision and scikit-learn. The contestants take turns, each in steady state: a turn begins when
 * all have come to rest, and its first batches, which were made before it, are not counted. PyTorch gives uint8, as
 * ours does, or float32, as its users mostly have it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { Either } from "../src/core/either.ts";
import { loadFolder } from "../src/data/folder.ts";
import { dispose, type Tensor, viewBatches } from "../mod.ts";
import { median } from "../src/core/median.ts";
import { lines } from "./peers/lines.ts";
import { jpegFiles } from "./pipeline/files.ts";

const BATCH = 64;

/** Batches of a turn: those that were made before it, and those that are counted after them. */
const turn = { waiting: 8, counted: 20 } as const;

/** After how many images memory is looked at again. A batch is not always full at 20,000. */
const LAST = 19_000;

/** Seconds in which every contestant fills its queue and comes to rest, so that nobody works in another's turn. */
const REST = 4;

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    files: { type: "string", default: "200000" },
    rounds: { type: "string", default: "7" },
  },
});
if (values.python === undefined) throw new TypeError("Cannot bench the pipeline: expected --python, found none");
const python = values.python;

const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;

/** Takes batches and says how many seconds that took. */
type Contestant = {
  readonly name: string;
  readonly take: (batches: number) => Promise<number>;
  /** Its process, whose threads and children do the work. */
  readonly process: number;
  readonly close: () => void | Promise<void>;
};

const folder = await jpegFiles(python, Number(values.files));
try {
  await memory();
  await inTurn();
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Resident memory while images go by, and the time to the first batch, the folder's listing included. */
async function memory(): Promise<void> {
  const start = performance.now();
  const found = await loadFolder(folder)();
  if (Either.isLeft(found)) throw new Error(JSON.stringify(found.left));
  const { train } = found.right;
  const batches = viewBatches({ source: train, batch: BATCH, seed: 0, size: 224, boxes: [law, law] });
  const resident = new Map<number, number>();
  let [images, first] = [0, 0];
  for (const batch of batches.epoch(0)) {
    dispose(batch);
    if (images === 0) first = performance.now() - start;
    images += BATCH;
    for (const mark of [2_000, LAST]) if (images >= mark && !resident.has(mark)) resident.set(mark, residentBytes());
    if (images >= LAST) break;
  }
  batches.close();
  const [early, late] = [...resident.values()].map((bytes) => bytes / 2 ** 20);
  console.log(`${train.count.toLocaleString("en")} files: the first batch after ${(first / 1000).toFixed(1)} s`);
  console.log(
    `resident memory after 2,000 images ${early.toFixed(0)} MiB, after ${LAST.toLocaleString("en")} ${
      late.toFixed(0)
    } MiB ` +
      `(${((late / early - 1) * 100).toFixed(1)} %)`,
  );
}

function residentBytes(): number {
  return Deno.memoryUsage().rss;
}

/** Medians of the contestants' speeds and of their ratios within a round. */
async function inTurn(): Promise<void> {
  const contestants = [ours(), pytorch("uint8"), pytorch("float32")];
  const rates: number[][] = contestants.map(() => []);
  const costs: number[][] = contestants.map(() => []);
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [place, { take, process }] of contestants.entries()) {
      await new Promise((resolve) => setTimeout(resolve, REST * 1000));
      await take(turn.waiting);
      const before = processorSeconds(process);
      const images = turn.counted * BATCH;
      const rate = images / await take(turn.counted);
      if (round === 0) continue; // it starts workers and fills caches
      rates[place].push(rate);
      costs[place].push(1000 * (processorSeconds(process) - before) / images);
    }
  }
  for (const [place, { name }] of contestants.entries()) {
    const ratios = rates[0].map((rate, round) => rate / rates[place][round]);
    console.log(
      `${name}: ${median(rates[place]).toFixed(0)} images/s (ours ${median(ratios).toFixed(2)}x), ` +
        `${median(costs[place]).toFixed(2)} ms of a processor an image`,
    );
  }
  for (const { close } of contestants) await close();
}

/** Seconds of processors that a process and its children have taken, by Linux's count of hundredths. */
function processorSeconds(process: number): number {
  const stat = Deno.readTextFileSync(`/proc/${process}/stat`).split(") ").at(-1)!.split(" ");
  const children = [...Deno.readDirSync(`/proc/${process}/task`)].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/${process}/task/${name}/children`).split(" ").filter((child) => child !== "")
  );
  const own = (Number(stat[11]) + Number(stat[12])) / 100;
  return own + (process === Deno.pid ? 0 : children.reduce((sum, child) => sum + processorSeconds(Number(child)), 0));
}

function ours(): Contestant {
  const paths = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
  const batches = viewBatches({
    ...{ source: { name: "photographs", paths }, batch: BATCH, seed: 0, size: 224 },
    boxes: [law, law],
  });
  let epoch = 0;
  let running = batches.epoch(epoch);
  const next = (): void => {
    const { value } = running.next();
    if (value === undefined) {
      running = batches.epoch(++epoch);
      return next();
    }
    dispose(value as { readonly index: Tensor });
  };
  return {
    name: "ours",
    process: Deno.pid,
    take: (count) => {
      const start = performance.now();
      for (let batch = 0; batch < count; batch++) next();
      return Promise.resolve((performance.now() - start) / 1000);
    },
    close: batches.close,
  };
}

function pytorch(dtype: "uint8" | "float32"): Contestant {
  const script = fileURLToPath(new URL("./pipeline/torch_loader.py", import.meta.url));
  const child = new Deno.Command(python, {
    args: [script, folder, dtype],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const answers = lines(child.stdout);
  return {
    name: `PyTorch, ${dtype}`,
    process: child.pid,
    take: async (count) => {
      await input.write(new TextEncoder().encode(`${count}\n`));
      const { value } = await answers.next();
      if (value === undefined) throw new Error(`Cannot bench ${dtype}: expected seconds from PyTorch, found its end`);
      return Number(value);
    },
    close: async () => {
      await input.close();
      await child.status;
    },
  };
}
