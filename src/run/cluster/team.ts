/**
 * The processes that train together: what they compare before they begin, and who is missing where they fail.
 *
 * @module
 */
import about from "../../../deno.json" with { type: "json" };
import { Either } from "../../core/either.ts";
import { clusterDevices } from "../../core/devices.ts";
import { dispose, scope } from "../../core/scope.ts";
import { type Cluster, EngineError, engineInfo, jit, readBytes, tf, toFloat } from "../../engine/mod.ts";
import { answers, gatherFromMembers, heard, sumOverMembers, tell } from "../../engine/collective/mod.ts";
import { isRecord, type Json } from "../../files/json.ts";
import { configDifferences } from "../../train/config_differences.ts";
import type { MissingWorkers, TrainingError, Worker } from "../../train/errors.ts";
import type { Team } from "../../train/team.ts";
import type { Note } from "../images.ts";

/** Milliseconds: how long a worker is asked for a word or a sign of life, and the pause before it is asked again. */
const [WORD, SIGN, PAUSE] = [200, 1000, 300];

/** How often the others are asked before one is missing. */
const TRIES = 2;

/** Milliseconds that workers have to say that they have failed too. */
const FAILING = 4000;

/** Where the images are may differ: each machine has its own disks. */
const ownPaths = ["path", "testPath", "labels"];

/** Of where copies and weights are, all must say something or none. The weights are compared as part of the state. */
const ownFiles = ["cache", "init"];

/** A team whose processes are those of a cluster. */
export type ClusterTeam = Team & { readonly cluster: Cluster };

/**
 * The processes of a cluster.
 *
 * @param cluster The cluster, as this process sees it.
 * @param shared Of what each has a part, such as "every batch".
 * @param note Is told who takes part.
 */
export function teamOf(cluster: Cluster, shared: string, note: Note): ClusterTeam {
  const { rank, size, addresses, patience, wire = "float32" } = cluster;
  const workers = addresses.map((address, rank): Worker => ({ rank, address }));
  const others = workers.filter((worker) => worker.rank !== rank);
  let meetings = 0;
  const total = jit((asked: tf.Tensor) => sumOverMembers(cluster, asked), { name: "asked" });
  return {
    cluster,
    rank,
    size,
    agree: ({ stop, save }) => {
      const [stopping, saving] = scope(() => total(tf.tensor1d([stop ? 1 : 0, save ? 1 : 0])).dataSync());
      return { stop: stopping > 0, save: saving > 0 };
    },
    collect: (table, images) => collect(cluster, table, images),
    meet: (beginning) => async () => {
      const { config } = beginning;
      const deadline = performance.now() + 1000 * patience;
      const meeting = ++meetings; // a word can be told once
      const own = JSON.stringify({ version: about.version, wire, ...beginning, config: withoutPaths(config) });
      for (const [key, text] of [["device", deviceName()], ["begins", own]]) {
        if (!await tell(`${key}/${meeting}/${rank}`, text, deadline - performance.now())) {
          return Either.left(missing(workers.slice(0, 1), `has not come within ${patience} s`));
        }
      }
      const begins: Json[] = [];
      for (const worker of workers) {
        const text = await waitFor(`begins/${meeting}/${worker.rank}`, deadline);
        if (text === undefined) return Either.left(missing([worker], `has not come within ${patience} s`));
        begins.push(JSON.parse(text));
      }
      await tell(`knows/${meeting}/${rank}`, "", FAILING);
      if (rank === 0) { // it keeps the words, so it stays until all have read them
        for (const worker of others) {
          await waitFor(`knows/${meeting}/${worker.rank}`, Math.min(deadline, performance.now() + FAILING));
        }
      }
      for (const worker of workers.slice(1)) {
        const differences = configDifferences(begins[0], begins[worker.rank]);
        if (differences.length > 0) {
          return Either.left<TrainingError>({ _tag: "DifferentWorkers", workers: [workers[0], worker], differences });
        }
      }
      inOrder(cluster);
      for (const worker of meeting === 1 ? workers : []) {
        note(`${introduction(worker)}: part ${worker.rank + 1} of ${size} of ${shared}`);
      }
      return Either.right(undefined);
    },
    missing: (thrown) => whoIsMissing(thrown, rank, others, patience),
  };
}

/** Bytes of a whole table that are collected at a time. */
const BLOCK = 32 * 1024 * 1024;

/** The bytes of a whole table in the first process; none in the others, which take part. */
function collect(cluster: Cluster, table: tf.Tensor, images: number): Uint8Array<ArrayBuffer> {
  const { gather } = clusterDevices(cluster);
  const [rows, ...shape] = table.shape;
  const block = Math.max(1, Math.floor(BLOCK * rows / (4 * table.size * cluster.size)));
  const isFirst = cluster.rank === 0;
  const bytesOfRow = (table.dtype === "bool" ? 1 : 4) * table.size / rows;
  const whole = new Uint8Array(isFirst ? images * bytesOfRow : 0);
  for (let first = 0; first < rows; first += block) {
    const count = Math.min(block, rows - first);
    const collected = scope(() => {
      const part = tf.slice(table, [first, ...shape.map(() => 0)], [count, ...shape]);
      return tf.cast(gather(toFloat(part)), table.dtype); // the last rows may stand for no image
    });
    const at = first * cluster.size;
    const bytes = readBytes(collected).subarray(0, (images - at) * bytesOfRow);
    if (isFirst) whole.set(bytes, at * bytesOfRow);
    dispose({ collected });
  }
  return whole;
}

function withoutPaths(config: Json): Json {
  if (!isRecord(config)) return config;
  const { data, training } = config;
  return { ...config, data: withoutPathsIn(data), training: withoutPathsIn(training) };
}

function withoutPathsIn(section: Json): Json {
  if (!isRecord(section)) return section;
  const fields = Object.entries(section).filter(([name]) => !ownPaths.includes(name));
  return Object.fromEntries(fields.map(([name, value]) => [name, ownFiles.includes(name) ? "a path" : value]));
}

function deviceName(): string {
  const { devices } = engineInfo();
  return (devices.find(({ type }) => type === "GPU") ?? devices[0]).name.replace(/^.*device:/, "");
}

function introduction({ rank, address }: Worker): string {
  return `Worker ${rank} at ${address} on ${heard(`device/1/${rank}`, WORD) ?? "an unknown device"}`;
}

/**
 * What was told by a key, however often it must be asked for; undefined if nobody tells it in time. A first worker that
 * is frozen would never answer, so it is asked only if it is there.
 */
async function waitFor(key: string, deadline: number): Promise<string | undefined> {
  for (;;) {
    const text = answers(0, SIGN) ? heard(key, WORD) : undefined;
    if (text !== undefined || performance.now() > deadline) return text;
    await pause(); // the program hears its signals
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}

/** What is gathered comes in the order of the ranks. */
function inOrder(cluster: Cluster): void {
  const found = scope(() => [...gatherFromMembers(cluster, tf.tensor1d([cluster.rank], "int32")).dataSync()]);
  if (found.some((rank, place) => rank !== place)) {
    throw new RangeError(`Cannot work together: expected workers in the order of their ranks, found ${found}`);
  }
}

function missing(workers: readonly Worker[], found: string): MissingWorkers {
  return { _tag: "MissingWorkers", workers, found };
}

/**
 * Who is missing. One that does not answer has ended, is frozen or cut off, unless it said before that it has failed as
 * well. One that answers, but does not say that it has failed, has not come to what all compute together.
 */
async function whoIsMissing(
  thrown: unknown,
  rank: number,
  others: readonly Worker[],
  patience: number,
): Promise<TrainingError> {
  if (!(thrown instanceof EngineError) || thrown.kind !== "operation") throw thrown;
  let silent = others.filter((worker) => !answers(worker.rank, SIGN));
  const keeps = !silent.some((worker) => worker.rank === 0); // the words
  if (keeps) await tell(`failed/${rank}`, "", SIGN);
  for (let attempt = 1; attempt < TRIES && silent.length > 0; attempt++) {
    await pause();
    silent = silent.filter((worker) => !answers(worker.rank, SIGN));
  }
  if (keeps) silent = silent.filter((worker) => heard(`failed/${worker.rank}`, WORD) === undefined);
  const deadline = performance.now() + FAILING;
  const rest = others.filter((worker) => !silent.includes(worker));
  const late: Worker[] = [];
  for (const worker of rest) {
    if (keeps && await waitFor(`failed/${worker.rank}`, deadline) === undefined) late.push(worker);
  }
  if (silent.length > 0) return missing(silent, "no longer answers");
  if (late.length > 0) return missing(late, `has not come to this step within ${patience} s`);
  throw thrown;
}
