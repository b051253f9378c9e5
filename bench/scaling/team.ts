/**
 * The processes of a cluster: they stay alive, and work only while they are told to.
 *
 * @module
 */
import { freePorts } from "../../src/engine/collective/mod.ts";
import { lines } from "../peers/lines.ts";
import { type Hosts, type Link, openHosts } from "./hosts.ts";

/** What a process says of its turn. */
export type Turn = {
  /** Of a step. */
  readonly ms: number;
  /** Milliseconds of a step that its threads have computed, together. */
  readonly processor: number;
  /** Of the gradients, as they travel. */
  readonly bytes: number;
};

/** Some processes that train together. */
export type Team = {
  /** Takes steps, with or without what all compute together. Gives the turn of the process that took longest. */
  readonly go: (how: "together" | "alone", steps: number) => Promise<Turn>;
  readonly stop: () => Promise<void>;
};

/** How a team is started. */
export type TeamOptions = {
  readonly workload: string;
  /** Images of a step of all. */
  readonly batch: number;
  readonly workers: number;
  /** Of each worker. */
  readonly threads: number;
  readonly wire: string;
  /** What is between the workers, each of which then has a host of its own. Default: this machine. */
  readonly link?: Link;
};

/** Starts a team. */
export async function startTeam({ workload, batch, workers, threads, wire, link }: TeamOptions): Promise<Team> {
  const { addresses, on, close } = await placesOf(workers, link);
  const program = new URL("./worker.ts", import.meta.url).href;
  const members = addresses.map((_, rank) => {
    const args = [workload, String(batch), wire, String(rank), ...addresses];
    const [command, ...rest] = on(rank, [Deno.execPath(), "run", "--no-check", "-A", program, ...args]);
    const env = { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: String(threads) };
    const child = new Deno.Command(command, { args: rest, env, stdin: "piped", stdout: "piped" }).spawn();
    return { child, writer: child.stdin.getWriter(), answers: lines(child.stdout) };
  });
  return {
    go: async (how, steps) => {
      const told = new TextEncoder().encode(`${how} ${steps}\n`);
      const turns = await Promise.all(members.map(async ({ writer, answers }, rank) => {
        await writer.write(told).catch(() => {}); // it has ended: so do its answers
        const { value } = await answers.next();
        if (value === undefined) {
          throw new Error(`Cannot time worker ${rank}: its process ended; see its message above`);
        }
        return JSON.parse(value) as Turn;
      }));
      return turns.reduce((slowest, turn) => turn.ms > slowest.ms ? turn : slowest);
    },
    stop: async () => {
      await Promise.all(members.map(({ writer }) => writer.close().catch(() => {}))); // it has ended already
      await Promise.all(members.map(({ child }) => child.status));
      await close();
    },
  };
}

/** This machine, or a host for each of several workers. */
async function placesOf(workers: number, link: Link | undefined): Promise<Hosts> {
  if (workers > 1 && link !== undefined) {
    const { addresses, ...hosts } = await openHosts(workers, link);
    return { addresses: addresses.map((address) => `${address}:4000`), ...hosts };
  }
  return {
    addresses: freePorts(workers).map((port) => `127.0.0.1:${port}`),
    on: (_, [command, ...args]) => [command, ...args],
    close: () => Promise.resolve(),
  };
}
