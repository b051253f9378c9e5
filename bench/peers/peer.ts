/**
 * A contestant's process: it stays alive, and works only while it is told to.
 *
 * @module
 */
import type { Contestant } from "./contestants.ts";
import { lines } from "./lines.ts";

/** What a contestant says of its turn. */
export type Answer = {
  /** Of a step. */
  readonly milliseconds: number;
  /** Of the last step. */
  readonly loss: number;
  readonly parameters: number;
  readonly versions: Readonly<Record<string, string>>;
};

/** A contestant that runs. */
export type Peer = {
  readonly contestant: Contestant;
  /** Takes steps and says how long they took. */
  readonly go: (steps: number) => Promise<Answer>;
  /** Seconds since it was started. */
  readonly age: () => number;
  /**
   * The most memory so far, MiB: resident, of the process and those that it started (pages they share count twice), or
   * what `withDeviceMemory` measures.
   */
  readonly peakMemory: () => number;
  /** Seconds that its threads have computed. */
  readonly busy: () => number;
  readonly stop: () => Promise<void>;
};

/** Starts a contestant; `args` follow its own. */
export function start(contestant: Contestant, [program, own]: readonly [string, string[]], args: string[]): Peer {
  const started = performance.now();
  const child = new Deno.Command(program, { args: [...own, ...args], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const answers = lines(child.stdout);
  return {
    contestant,
    go: async (steps) => {
      await writer.write(new TextEncoder().encode(`go ${steps}\n`)).catch(() => {}); // it has ended: so do its answers
      const { value } = await answers.next();
      if (value === undefined) {
        throw new Error(`Cannot time ${contestant.title}: its process ended; see its message above`);
      }
      return JSON.parse(value) as Answer;
    },
    age: () => (performance.now() - started) / 1000,
    peakMemory: () => processes(child.pid).reduce((sum, pid) => sum + highWater(pid), 0),
    busy: () => processes(child.pid).reduce((sum, pid) => sum + computed(pid), 0),
    stop: async () => {
      await writer.close().catch(() => {}); // it has ended already
      await child.status;
    },
  };
}

/** A process and all that it started, for as long as they live. */
function processes(pid: number): number[] {
  try {
    const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
    const children = tasks.flatMap((task) => ofKernel(`/proc/${pid}/task/${task}/children`).split(" "));
    return [pid, ...children.filter((text) => text !== "").map(Number).flatMap(processes)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** MiB. */
function highWater(pid: number): number {
  return Number(ofKernel(`/proc/${pid}/status`).match(/^VmHWM:\s*(\d+) kB$/m)?.[1] ?? 0) / 1024;
}

/** Ticks are hundredths of a second wherever Linux runs Deno. */
function computed(pid: number): number {
  const [user = 0, system = 0] = ofKernel(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ").slice(11, 13).map(
    Number,
  );
  return (user + system) / 100;
}

/** What the kernel says of a process or thread; nothing where it has ended meanwhile. */
function ofKernel(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
