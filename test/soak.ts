/**
 * A soak of what a run survives, by the real program: `deno run -A test/soak.ts [share] [parts]`. It kills trainings, sends
 * signals, takes terminals away, damages checkpoints and fills disks, and ends with a line of counts for each. Where
 * anything was lost, accepted or ended in a stack trace, it says so and its exit status is 1.
 *
 * The whole takes about an hour on two cores; a share of 0.1 does a tenth of each part. The parts are damages, disks,
 * signals and kills; all where none is named.
 *
 * @module
 */
import { join } from "node:path";
import { main } from "../src/cli/main.ts";
import { loadLatest, stepFile } from "../src/checkpoint/folder.ts";
import { Either } from "../src/core/either.ts";
import { makeData } from "./cli/files.ts";
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

/** Every method with an optimizer that remembers one moment of the gradients, and with one that remembers two. */
const trainings = ["moco", "moco-v3", "simclr", "end-to-end", "memory-bank"].flatMap((method) =>
  ["sgd", "adamw"].map((optimizer) => ({ name: `${method}-${optimizer}`, method, optimizer }))
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

/** Runs a training that is ended again and again until it was so often; what it comes to is what nothing befell comes to. */
async function interrupted(
  training: typeof trainings[number],
  times: number,
  end: (child: Deno.ChildProcess, time: number) => Promise<Ended>,
): Promise<number> {
  const { name } = training;
  const args = ["pretrain", "--config", await configOf(training), "--out"];
  const whole = await ended(start([...args, at(`${name}-whole`)]));
  check(`${name} trains`, whole.code === 0, whole.text);
  const expected = await final(`${name}-whole`);
  let [count, round] = [0, 0];
  while (count < times) {
    const out = at(`${name}-${round++}`);
    for (;;) {
      const hasCheckpoints = Either.isRight(await loadLatest(out)());
      const child = start([...args, out, ...hasCheckpoints ? ["--resume"] : []]);
      const result = count < times ? await end(child, count) : await ended(child);
      if (result.code === 0 && result.signal === null) break;
      count++;
      check(
        `${name}: ended by ${result.signal ?? result.code}`,
        result.signal !== null || result.code > 128,
        result.text,
      );
    }
    check(`${name}: resumed to the same bytes`, same(expected, await final(`${name}-${round - 1}`)), "");
    await Deno.remove(out, { recursive: true });
  }
  return count;
}

/** Kills a program at a random moment, from its start on. */
async function kill(child: Deno.ChildProcess): Promise<Ended> {
  const end = ended(child);
  await Promise.race([end, pause(500 + 5000 * Math.random())]);
  try {
    child.kill("SIGKILL");
  } catch { /* it was faster */ }
  return end;
}

async function kills(): Promise<string> {
  let count = 0;
  for (const training of trainings) count += await interrupted(training, many(100 / trainings.length), kill);
  return `${count} kills at random moments of ${trainings.length} trainings: all resumed to the bytes of the whole run`;
}

/** Signals and vanished readers by turns. */
async function signals(): Promise<string> {
  const training = { name: "signals", method: "moco", optimizer: "sgd" };
  const count = await interrupted(training, many(20), async (child, time) => {
    const signal = (["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const)[time % 4];
    const unheard = time % 3 === 0;
    if (unheard) await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    const end = unheard ? child.status.then((status) => ({ ...status, text: "" })) : ended(child);
    await Promise.race([end, pause(1000 + 4000 * Math.random())]);
    try {
      child.kill(signal);
    } catch { /* it was faster */ }
    const { code, signal: by, text } = await end;
    // Before the handlers are there, the signal itself ends the program, which has begun nothing.
    return { code, signal: by, text };
  });
  return `${count} SIGTERM, SIGHUP, SIGINT and SIGQUIT, every third to a run that nobody reads: nothing lost`;
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
  const away = at("away");
  const commands: readonly (readonly string[])[] = [
    ["inspect", file],
    ["inspect", out],
    ["evaluate", "--checkpoint", file],
    ["evaluate", "--run", out],
    ["pretrain", "--resume", "--out", out],
    ["pretrain", "--config", config, "--init", file, "--out", away],
    ["step", "--config", config, "--state", file, "--batches", file, "--out", away],
    ["export", "--run", out, "--to", away],
  ];
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
    check(`damage: ${args.join(" ")}`, code > 0, text);
  }
  check("damage: nothing was written", !await Deno.stat(away).then(() => true, () => false), away);
  return `${count} damaged checkpoints through ${commands.length} commands: all refused in words`;
}

async function disks(): Promise<string> {
  if (!canMount) return "no disks were filled: that needs the right to mount";
  const training = { name: "disk", method: "moco", optimizer: "sgd" };
  const config = await configOf(training);
  const { length } = await final("damage").catch(() => new Uint8Array(600_000));
  const count = many(20);
  for (let i = 0; i < count; i++) {
    const kibibytes = Math.ceil((0.2 + 3.3 * i / Math.max(1, count - 1)) * length / 1024);
    await onSmallDisk(kibibytes, async (folder) => {
      const out = join(folder, "run");
      const { code, text } = await ended(start(["pretrain", "--config", config, "--out", out]));
      check(`disk of ${kibibytes} KiB`, code === 0 || /no space left on the device/.test(text), text);
      const latest = await loadLatest(out)();
      const isWhole = Either.isRight(latest) && latest.right.damaged.length === 0;
      check(`disk of ${kibibytes} KiB: the newest checkpoint is whole`, isWhole || !text.includes("last good"), text);
    });
  }
  return `${count} disks that are full at different places: each run ends in words, and its newest checkpoint is whole`;
}

try {
  for (
    const part of [damages, disks, signals, kills].filter(({ name }) => parts.length === 0 || parts.includes(name))
  ) {
    const begin = performance.now();
    console.log(`${await part()} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
  }
} finally {
  await Deno.remove(place, { recursive: true });
}
console.log(failures.length === 0 ? "nothing lost, nothing accepted, no stack trace" : `${failures.length} failures`);
Deno.exit(failures.length === 0 ? 0 : 1);
