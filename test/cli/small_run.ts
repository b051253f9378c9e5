/**
 * A run so small that it ends in seconds, by the real program, started as a user starts it.
 *
 * @module
 */
import { join } from "node:path";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { taskArguments } from "./program.ts";

const root = new URL("../../", import.meta.url);

/** 24 images in 6 batches an epoch, and an encoder so small that its state is 0.6 MB. */
const small = {
  method: { queue: 16, groups: 2, dimension: 8 },
  encoder: { width: 0.0625 },
  augment: { size: 8 },
  data: { name: "idx" },
  training: { epochs: 4, batch: 4, seed: 3, logEvery: 1, keep: 2 },
};

export const epochs = 4;
export const perEpoch = 6;

export type Ended = { readonly code: number; readonly signal: string | null; readonly text: string };

/** Starts the program. */
export function start(...args: readonly string[]): Deno.ChildProcess {
  return startBy([], ...args);
}

/** Starts the program by another one, such as a shell: its words stand before those that start the program. */
export function startBy(starter: readonly string[], ...args: readonly string[]): Deno.ChildProcess {
  const [command, ...words] = [...starter, Deno.execPath(), ...taskArguments, "pretrain", ...args];
  return new Deno.Command(command, { args: words, cwd: root, stdout: "piped", stderr: "piped" }).spawn();
}

export async function ended(child: Deno.ChildProcess): Promise<Ended> {
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, signal, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

export const run = (...args: readonly string[]): Promise<Ended> => ended(start(...args));

/** A place with images, a configuration, and room for runs. */
const place = await Deno.makeTempDir();
export const images = join(place, "train-images-idx3-ubyte");
export const config = join(place, "config.json");
const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 24, 0, 0, 0, 8, 0, 0, 0, 8);
await Deno.writeFile(images, Uint8Array.from([...header, ...Array.from({ length: 24 * 64 }, (_, i) => (i * i) % 251)]));
await Deno.writeTextFile(config, JSON.stringify({ ...small, data: { ...small.data, path: images } }));
globalThis.addEventListener("unload", () => Deno.removeSync(place, { recursive: true }));

export const at = (name: string) => join(place, name);
export const checkpoints = (name: string) => join(place, name, "checkpoints");
export const finalFile = (name: string) => stepFile(checkpoints(name), epochs * perEpoch);

/** Waits until a run has come to a step, by its file of metrics: however long it takes, as long as it has not ended. */
export async function until(name: string, step: number, end: Promise<Ended>): Promise<void> {
  let over = false;
  end.then(() => over = true);
  for (;;) {
    const last = over; // before reading: what a run that has ended wrote is there
    const text = await Deno.readTextFile(join(at(name), "metrics.jsonl")).catch(() => "");
    if ((parseMetrics(text).at(-1)?.step ?? 0) >= step) return;
    if (last) throw new Error(`the run ended before step ${step}: ${(await end).text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
