/**
 * A soak of what a run survives, by the real program: `deno run -A test/soak.ts [share] [parts]`. It kills trainings,
 * sends signals, takes readers away, damages checkpoints, fills disks and watches memory, and ends with a line of
 * counts for each. Where anything was lost, accepted or ended in a stack trace, it says so and its exit status is 1.
 *
 * The whole takes more than an hour on two cores; a share of 0.1 does a tenth of each part. The parts are damages,
 * disks, memory, signals, readers and kills; all where none is named.
 *
 * @module
 */
import { join } from "node:path";
import { main } from "../src/cli/main.ts";
import { loadLatest, stepFile } from "../src/checkpoint/folder.ts";
import { Either } from "../src/core/either.ts";
import { parseMetrics } from "../src/train/metrics_log.ts";
import { encode } from "../src/files/safetensors.ts";
import { makeData, storedView } from "./cli/files.ts";
import { taskArguments } from "./cli/program.ts";
import { canMount, onSmallDisk } from "./support/small_disk.ts";

const [first = "1", ...parts] = Deno.args;
const share = Number(first);
const many = (count: number): number => Math.max(1, Math.round(share * count));

const root = new URL("../", import.meta.url);
const place = await Deno.makeTempDir({ prefix: "moco-soak-" });
const data = await makeData(place);
const at = (name: string): string => join(place, name);

/** 40 images in 10 batches an epoch. */
const steps = 30;
const failures: string[] = [];

type Ended = { readonly code: number; readonly signal: string | null; readonly text: string };

/** Notes whatever a user should never see. */
function check(what: string, holds: boolean, text: string): void {
  if (holds && !/fault of the program|^\s+at .*:\d+:\d+/m.test(text)) return;
  failures.push(what);
  console.log(`FAILED: ${what}\n${text}`);
}

function start(args: readonly string[]): Deno.ChildProcess {
  const options = { args: [...taskArguments, ...args], cwd: root };
  return new Deno.Command(Deno.execPath(), { ...options, stdout: "piped", stderr: "piped" }).spawn();
}

async function ended(child: Deno.ChildProcess): Promise<Ended> {
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, signal, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Every method with every optimizer. */
const trainings = ["moco", "moco-v3", "simclr", "end-to-end", "memory-bank"].flatMap((method) =>
  ["sgd", "adamw", "lars"].map((optimizer) => ({ name: `${method}-${optimizer}`, method, optimizer }))
);

/** The file of a training's configuration. */
async function configOf({ name, method, optimizer }: typeof trainings[number]): Promise<string> {
  const path = at(`${name}.json`);
  const own = method === "moco" ? { queue: 16 } : method === "memory-bank" ? { negatives: 16 } : {};
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      method: {
        name: method,
        ...own,
        ...method === "moco-v3" ? { projector: { hidden: 16 }, predictor: { hidden: 16 } } : {},
      },
      encoder: { width: 0.0625 },
      optimizer: { name: optimizer },
      augment: { size: 8 },
      data: { name: "idx", path: data },
      training: { batch: 4, epochs: 3, evaluateEvery: 1, logEvery: 1, keep: 2, seed: 3 },
    }),
  );
  return path;
}

const final = (name: string): Promise<Uint8Array> => Deno.readFile(stepFile(join(at(name), "checkpoints"), steps));
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** What a training comes to that nothing befell: its last checkpoint, and the milliseconds that it took. */
async function whole(
  training: typeof trainings[number],
): Promise<{ readonly bytes: Uint8Array; readonly milliseconds: number }> {
  const name = `${training.name}-whole`;
  const begin = performance.now();
  const { code, text } = await ended(start(["pretrain", "--config", await configOf(training), "--out", at(name)]));
  check(`${training.name} trains`, code === 0, text);
  return { bytes: await final(name), milliseconds: performance.now() - begin };
}

/** Ends a program at a random moment of a whole run's time, and waits until it has ended. */
type End = (child: Deno.ChildProcess, milliseconds: number) => Promise<Ended>;

/**
 * Runs a training that is ended again and again until it was so often; it must come to what nothing befell comes to.
 */
async function interrupted(training: typeof trainings[number], times: number, end: End): Promise<number> {
  const { name } = training;
  const args = ["pretrain", "--config", await configOf(training), "--out"];
  const { bytes, milliseconds } = await whole(training);
  let [count, round] = [0, 0];
  while (count < times) {
    const out = at(`${name}-${round++}`);
    for (;;) {
      const hasCheckpoints = Either.isRight(await loadLatest(out)());
      const child = start([...args, out, ...hasCheckpoints ? ["--resume"] : []]);
      const result = count < times ? await end(child, milliseconds * Math.random()) : await ended(child);
      if (result.code === 0 && result.signal === null) break;
      count++;
      if (result.signal === null) check(`${name}: saved where it stopped`, await isSaved(out), result.text);
      check(
        `${name}: ended by ${result.signal ?? result.code}`,
        result.signal !== null || result.code > 128,
        result.text,
      );
    }
    check(`${name}: resumed to the same bytes`, same(bytes, await final(`${name}-${round - 1}`)), "");
    await Deno.remove(out, { recursive: true });
  }
  return count;
}

/** Whether the last step that a run has told of is in a checkpoint, if it had come to one. */
async function isSaved(out: string): Promise<boolean> {
  const text = await Deno.readTextFile(join(out, "metrics.jsonl")).catch(() => "");
  const told = parseMetrics(text).at(-1)?.step ?? 0;
  const latest = await loadLatest(out)();
  return told === 0 || (Either.isRight(latest) && latest.right.checkpoint.position.step >= told);
}

/** Sends a signal after some time. */
function sending(signal: Deno.Signal): End {
  return async (child, milliseconds) => {
    const end = ended(child);
    await Promise.race([end, pause(milliseconds)]);
    try {
      child.kill(signal);
    } catch { /* it was faster */ }
    return end;
  };
}

async function kills(): Promise<string> {
  let count = 0;
  for (const training of trainings) {
    count += await interrupted(training, many(100 / trainings.length), sending("SIGKILL"));
  }
  return `${count} kills at random moments of ${trainings.length} trainings: all resumed to the bytes of the whole run`;
}

async function signals(): Promise<string> {
  const counts: string[] = [];
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const) {
    const count = await interrupted({ name: signal, method: "moco", optimizer: "sgd" }, many(20), sending(signal));
    counts.push(`${count} ${signal}`);
  }
  return `${counts.join(", ")}: nothing lost, all resumed to the bytes of the whole run`;
}

/** Readers of both streams who go away on the way: the run trains on to its end. */
async function readers(): Promise<string> {
  const training = { name: "readers", method: "moco", optimizer: "sgd" };
  const { bytes, milliseconds } = await whole(training);
  const count = many(20);
  for (let i = 0; i < count; i++) {
    const out = at(`readers-${i}`);
    const child = start(["pretrain", "--config", await configOf(training), "--out", out]);
    await pause(milliseconds * Math.random());
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    const { code, signal } = await child.status;
    check(`a vanished reader: ended by ${signal ?? code}`, code === 0, "");
    check("a vanished reader: the same bytes", same(bytes, await final(`readers-${i}`)), "");
    await Deno.remove(out, { recursive: true });
  }
  return `${count} broken pipes at random moments: each run trained on to the bytes of the whole run`;
}

/** Resident memory of a long training: the means over the 500 steps from step 1,000 on, and over the last 500. */
async function memory(): Promise<string> {
  const training = { name: "memory", method: "moco", optimizer: "sgd" };
  const out = at("memory");
  const last = many(10_000);
  const child = start([
    ...["pretrain", "--config", await configOf(training), "--out", out, "--epochs", String(last / 10)],
    ...["--log-every", "10", "--evaluate-every", "0", "--checkpoint-every", "100"],
  ]);
  const end = ended(child);
  let over = false;
  end.then(() => over = true);
  const samples: { readonly step: number; readonly bytes: number }[] = [];
  while (!over) {
    const text = await Deno.readTextFile(join(out, "metrics.jsonl")).catch(() => "");
    const status = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
    const kibibytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
    const { step = 0 } = parseMetrics(text).at(-1) ?? {};
    if (kibibytes !== undefined) samples.push({ step, bytes: 1024 * Number(kibibytes) });
    await Promise.race([end, pause(500)]);
  }
  const { code, text } = await end;
  check("memory: trains", code === 0, text);
  const mean = (from: number): number => {
    const within = samples.filter(({ step }) => step >= from && step <= from + last / 20);
    return within.reduce((sum, { bytes }) => sum + bytes, 0) / within.length;
  };
  const [early, late] = [mean(last / 10), mean(last - last / 20)];
  const growth = `${(100 * (late / early - 1)).toFixed(1)} %`;
  check(`memory: grows by ${growth}`, late <= 1.03 * early, "");
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  return `${last} steps: ${megabytes(early)} MB of resident memory from step ${last / 10} on, ` +
    `${megabytes(late)} MB at the end (${growth})`;
}

/** Runs the command line in this process, and catches what it says. */
async function said(args: readonly string[]): Promise<Ended> {
  const { stdout, stderr } = Deno;
  const writers = [stdout.writeSync, stderr.writeSync];
  let text = "";
  const take = (bytes: Uint8Array): number => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  stdout.writeSync = stderr.writeSync = take;
  try {
    return { code: await main(args), signal: null, text };
  } finally {
    [stdout.writeSync, stderr.writeSync] = writers;
  }
}

async function damages(): Promise<string> {
  const training = { name: "damage", method: "moco", optimizer: "sgd" };
  const config = await configOf(training);
  const out = at("damage");
  const { code, text } = await ended(start(["pretrain", "--config", config, "--out", out, "--keep", "1"]));
  check("damage: trains", code === 0, text);
  const file = stepFile(join(out, "checkpoints"), steps);
  await Deno.remove(join(out, "checkpoints", "best.safetensors"));
  const bytes = await Deno.readFile(file);
  const [away, views] = ["away", "views.safetensors"].map(at);
  await Deno.writeFile(views, encode([storedView("0.query", 1), storedView("0.key", 2)]));
  const commands: readonly (readonly string[])[] = [
    ["inspect", file],
    ["inspect", out],
    ["evaluate", "--checkpoint", file],
    ["evaluate", "--run", out],
    ["pretrain", "--resume", "--out", out],
    ["pretrain", "--config", config, "--init", file, "--out", away],
    ["step", "--config", config, "--steps-per-epoch", "6", "--state", file, "--batches", views, "--out", away],
    ["export", "--run", out, "--format", "onnx", "--out", away],
  ];
  // Each of them does its work with the whole file, so that it is the damage that it refuses.
  for (const args of commands) {
    const { code, text } = await ended(start(args));
    check(`whole: ${args.join(" ")}`, code === 0, text);
    await Deno.remove(away, { recursive: true }).catch(() => {});
  }
  const count = many(1000);
  for (let i = 0; i < count; i++) {
    const damaged = bytes.slice(0, i % 4 === 0 ? Math.floor(bytes.length * Math.random()) : bytes.length);
    if (i % 4 !== 0) {
      // Half of them in the header, which is a small part of the file.
      const room = i % 2 === 0 ? damaged.length : 4096;
      damaged[Math.floor(room * Math.random())] ^= 1 << Math.floor(8 * Math.random());
    }
    await Deno.writeFile(file, damaged);
    const args = commands[i % commands.length];
    const { code, text } = await said(args);
    check(`damage: ${args.join(" ")}`, code === 1, text); // 2 would be a fault of the options
  }
  check("damage: nothing was written", !await Deno.stat(away).then(() => true, () => false), away);
  return `${count} damaged checkpoints through ${commands.length} commands: all refused in words`;
}

async function disks(): Promise<string> {
  if (!canMount) return "no disks were filled: that needs the right to mount";
  const training = { name: "disk", method: "moco", optimizer: "sgd" };
  const config = await configOf(training);
  const { bytes: { length } } = await whole(training);
  const count = many(20);
  for (let i = 0; i < count; i++) {
    const kibibytes = Math.ceil((0.2 + 3.3 * i / Math.max(1, count - 1)) * length / 1024);
    const isMounted = await onSmallDisk(kibibytes, async (folder) => {
      const out = join(folder, "run");
      const { code, text } = await ended(start(["pretrain", "--config", config, "--out", out]));
      check(`disk of ${kibibytes} KiB`, code === 0 || /no space left on the device/.test(text), text);
      const latest = await loadLatest(out)();
      const isWhole = Either.isRight(latest) && latest.right.damaged.length === 0;
      const isNone = Either.isLeft(latest) && code !== 0 && !text.includes("last good");
      check(`disk of ${kibibytes} KiB: the newest checkpoint is whole`, isWhole || isNone, text);
    });
    check(`disk of ${kibibytes} KiB: it is mounted`, isMounted, "");
  }
  return `${count} disks that are full at different places: each run ends in words, and its newest checkpoint is whole`;
}

try {
  for (
    const part of [damages, disks, memory, signals, readers, kills].filter(({ name }) =>
      parts.length === 0 || parts.includes(name)
    )
  ) {
    const begin = performance.now();
    console.log(`${await part()} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
  }
} finally {
  await Deno.remove(place, { recursive: true });
}
console.log(failures.length === 0 ? "nothing lost, nothing accepted, no stack trace" : `${failures.length} failures`);
Deno.exit(failures.length === 0 ? 0 : 1);
