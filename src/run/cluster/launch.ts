/**
 * The workers of this machine: started together, told of signals, and started again where one was lost.
 *
 * @module
 */
import { Either } from "../../core/either.ts";
import { isBeingWritten, listCheckpoints } from "../../checkpoint/folder.ts";
import { freePorts, greets } from "../../engine/collective/mod.ts";
import { endingSignals } from "../../train/interrupt.ts";
import { runPaths } from "../../train/run_folder.ts";
import type { Note } from "../images.ts";
import { TRY_AGAIN } from "./errors.ts";

/** What is started. */
export type Launch = {
  /** A worker's program and its arguments, for one that begins or for one that goes on from the last checkpoint. */
  readonly command: (resume: boolean) => readonly [program: string, ...args: string[]];
  /** How many workers are started, each with the addresses of all. 1: as the arguments say. */
  readonly workers: number;
  /** How often they are started again. */
  readonly restarts: number;
  /** The run's folder, if they train. */
  readonly folder?: string;
  /** Seconds that one of them may need to save. Default 600. */
  readonly timeout?: number;
  /** Milliseconds that workers have to end by themselves after one of them has missed another. Default 8,000. */
  readonly grace?: number;
  readonly note: Note;
};

/** Milliseconds that workers have to miss one that has failed: they may be about to start. */
const NOTICE = 30_000;

/** Milliseconds within which the server of a worker that is there greets. */
const GREETING = 1000;

/**
 * How a process ends that has crashed. TensorFlow can crash where it gives up an operation that a frozen worker does
 * not come to: the operation's memory is freed, and then its last message comes.
 */
const crashes: readonly (string | null)[] = ["SIGSEGV", "SIGABRT", "SIGBUS"];

/** Milliseconds after which it is asked again whether a worker still saves. */
const SAVING = 500;

/**
 * Starts workers and waits until they end.
 *
 * @returns The exit status: that of the first worker that failed by itself, or else of the first that did not end well.
 */
export async function launch(request: Launch): Promise<number> {
  const { restarts, folder, note } = request;
  for (let restart = 0;; restart++) {
    const { code, lost, stopped } = await once(request, restart > 0 && await hasCheckpoint(folder));
    if (!lost || stopped || restart === restarts) return code;
    note(`A worker was lost. Starting again (${restart + 1} of ${restarts}).`);
  }
}

async function hasCheckpoint(folder: string | undefined): Promise<boolean> {
  if (folder === undefined) return false;
  const found = await listCheckpoints(runPaths(folder).checkpoints)();
  return Either.isRight(found) && found.right.length > 0;
}

/** How the workers ended: the exit status, whether one was lost, and whether they were asked to stop. */
type Ended = { readonly code: number; readonly lost: boolean; readonly stopped: boolean };

async function once(
  { command, workers, folder, timeout = 600, grace = 8_000, note }: Launch,
  resume: boolean,
): Promise<Ended> {
  const [program, ...args] = command(resume);
  const addresses = workers === 1 ? [] : freePorts(workers).map((port) => `127.0.0.1:${port}`);
  const children = Array.from({ length: workers }, (_, rank) =>
    new Deno.Command(program, {
      args,
      env: addresses.length === 0 ? {} : environmentOf(rank, addresses),
      stdin: "null",
      detached: true, // so that a terminal's Ctrl-C comes to it once, from here
    }).spawn());
  let stopped = false;
  const listeners = endingSignals().map((signal) => {
    const forward = () => {
      stopped = true;
      children.forEach((child) => kill(child, signal));
    };
    Deno.addSignalListener(signal, forward);
    return () => Deno.removeSignalListener(signal, forward);
  });
  const timers: ReturnType<typeof setTimeout>[] = [];
  const running = new Set(children.keys());
  const givenUp = new Set<number>(); // those that were ended from here
  const saves = async () =>
    folder !== undefined && running.has(0) && await isBeingWritten(runPaths(folder).checkpoints);
  const endAllIn = (milliseconds: number, latest = performance.now() + milliseconds + 1000 * timeout) =>
    timers.push(setTimeout(async () => {
      if (performance.now() < latest && await saves()) endAllIn(SAVING, latest);
      else {
        for (const rank of running) givenUp.add(rank);
        children.forEach((each) => kill(each, "SIGKILL"));
      }
    }, milliseconds));
  const statuses = await Promise.all(children.map(async (child, rank) => {
    const status = await child.status;
    running.delete(rank);
    if (status.code === TRY_AGAIN) endAllIn(grace);
    else if (!stopped && hasFailed(status)) {
      if (workers > 1 && timers.length === 0) {
        note(`Worker ${rank} at ${addresses[rank]} has ended: ${status.signal ?? `status ${status.code}`}.`);
        for (const other of crashes.includes(status.signal) ? running : []) {
          if (greets(addresses[other], GREETING) === false) {
            note(`Worker ${other} at ${addresses[other]} does not answer.`);
          }
        }
      }
      endAllIn(NOTICE);
    }
    return status;
  }));
  timers.forEach((timer) => clearTimeout(timer));
  listeners.forEach((remove) => remove());
  const isKilled = statuses.some(({ signal }, rank) => signal !== null && !givenUp.has(rank));
  const missesOther = statuses.some(({ code }) => code === TRY_AGAIN);
  const byItself = statuses.find((status) => status.signal === null && status.code !== TRY_AGAIN && hasFailed(status));
  const lost = isKilled || (missesOther && byItself === undefined); // another try would only fail in the same way
  return { code: (byItself ?? statuses.find(({ code }) => code !== 0))?.code ?? 0, lost, stopped };
}

/** Whether a process has ended otherwise than with success, or than as asked by a signal that it heard. */
function hasFailed({ code, signal }: Deno.CommandStatus): boolean {
  return signal !== null || code !== 0 && code < 128;
}

/** What a worker is told by its environment: the addresses, its share of the processors, and its GPU. */
export function environmentOf(
  rank: number,
  addresses: readonly string[],
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(navigator.hardwareConcurrency / addresses.length)));
  const given = (name: string, value: string) => variable(name) ?? value;
  const gpus = variable("CUDA_VISIBLE_DEVICES")?.split(","); // where there are fewer than workers, some have none
  return {
    TF_CONFIG: JSON.stringify({ cluster: { worker: addresses }, task: { type: "worker", index: rank } }),
    TF_NUM_INTRAOP_THREADS: given("TF_NUM_INTRAOP_THREADS", threads),
    TF_NUM_INTEROP_THREADS: given("TF_NUM_INTEROP_THREADS", threads),
    CUDA_VISIBLE_DEVICES: gpus === undefined ? String(rank) : gpus[rank] ?? "",
  };
}

/** Sends a signal, or nothing to a process that has ended. */
function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // it has ended
  }
}
