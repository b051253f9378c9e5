/**
 * Contestants at one workload, in turn, so that a change of the machine's speed meets all.
 *
 * @module
 */
import { reasonOf } from "../../src/core/reason.ts";
import type { Answer, Peer } from "./peer.ts";

/** The middle one of some values, with the least and the greatest. */
export type Spread = { readonly median: number; readonly least: number; readonly greatest: number };

/** What is known of a contestant at a workload. */
export type Result = {
  readonly contestant: string;
  readonly title: string;
  readonly imagesPerSecond: Spread;
  /** The first contestant's speed over this one's, within each round. */
  readonly ratio: Spread;
  /** MiB, of the device that computes. */
  readonly peakMemory: number;
  /** Seconds from the start of the process to the end of its first step. */
  readonly firstStep: number;
  /** Cores that it kept busy while it was another's turn; 0 where it was alone. */
  readonly idleCores: number;
  readonly parameters: number;
  /** Of the first step, and after every turn. */
  readonly losses: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
  /** Of a step, by round. */
  readonly milliseconds: readonly number[];
};

/** A contestant after its last turn. */
export type Run = {
  readonly contestant: string;
  readonly title: string;
  readonly first: Answer;
  /** Of the rounds that count. */
  readonly answers: readonly Answer[];
  /** Of the rounds before those: compilers and caches settle. */
  readonly warmup: readonly Answer[];
  readonly firstStep: number;
  readonly peakMemory: number;
  readonly idleCores: number;
};

/** What a contestant does when it is its turn. */
export type Turn = {
  /** Steps that are timed. */
  readonly steps: number;
  /**
   * Steps before those. The first one after others were at work can take a sixth longer, where a library takes memory
   * from the system anew in each step. Default 0.
   */
  readonly untimed?: number;
};

const warmups = 2;

/** Spins of a thread pool are over after this many milliseconds. */
const settling = 200;

/** Contestants that are measured, and what became of those that are not. */
export type Measured = { readonly runs: readonly Run[]; readonly failures: readonly string[] };

/**
 * Measures groups of contestants one after another. Those of a group are alive at the same time and take turns. A group
 * that fails is left out: one of many programs that does not run here costs no results of the others.
 *
 * @param groups What starts each contestant.
 * @param turn What each does when it is its turn.
 * @param repeats Rounds that count.
 * @param say Takes a line about how far it is.
 */
export async function measure(
  groups: readonly (readonly (() => Peer)[])[],
  turn: Turn,
  repeats: number,
  say: (line: string) => void = console.error,
): Promise<Measured> {
  let measured: Measured = { runs: [], failures: [] };
  for (const group of groups) {
    const { runs, failures } = measured;
    try {
      measured = {
        runs: [...runs, ...await takeTurns(group, turn, repeats, say, runs[0]?.first.parameters)],
        failures,
      };
    } catch (error) {
      measured = { runs, failures: [...failures, reasonOf(error)] };
      say(`  ${reasonOf(error)}`);
    }
  }
  return measured;
}

/** Starts the contestants one after another, lets them take their turns, and stops them. */
async function takeTurns(
  starters: readonly (() => Peer)[],
  { steps, untimed = 0 }: Turn,
  repeats: number,
  say: (line: string) => void,
  parameters?: number,
): Promise<readonly Run[]> {
  const peers: Peer[] = [];
  try {
    const runs = [];
    for (const start of starters) {
      const peer = start();
      peers.push(peer);
      const first = await peer.go(1);
      checkAlike(peer, first, parameters ?? runs[0]?.first.parameters ?? first.parameters);
      runs.push({ peer, first, firstStep: peer.age(), answers: [] as Answer[] });
      say(`  ${peer.contestant.title}: first step after ${peer.age().toFixed(1)} s`);
    }
    const resting = runs.map(() => ({ seconds: 0, busy: 0 }));
    for (let round = 0; round < warmups + repeats; round++) {
      for (const [index, { peer, answers }] of runs.entries()) {
        await new Promise((resolve) => setTimeout(resolve, settling));
        if (untimed > 0) await peer.go(untimed);
        const [before, since] = [peers.map((each) => each.busy()), performance.now()];
        answers.push(await peer.go(steps));
        const seconds = (performance.now() - since) / 1000;
        for (const [other, rest] of resting.entries()) {
          if (other === index) continue;
          rest.seconds += seconds;
          rest.busy += peers[other].busy() - before[other];
        }
      }
      say(`  round ${round + 1} of ${warmups + repeats}`);
    }
    return runs.map(({ peer, first, firstStep, answers }, index) => ({
      contestant: peer.contestant.name,
      title: peer.contestant.title,
      first,
      warmup: answers.slice(0, warmups),
      answers: answers.slice(warmups),
      firstStep,
      peakMemory: peer.peakMemory(),
      idleCores: resting[index].busy / Math.max(resting[index].seconds, 1e-9),
    }));
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

/** Networks of another size are not compared. */
function checkAlike({ contestant }: Peer, { parameters }: Answer, expected: number): void {
  if (parameters === expected) return;
  throw new Error(`Cannot compare ${contestant.title}: expected ${expected} parameters, found ${parameters}`);
}

/**
 * What a table says of some contestants; ratios are to the first.
 *
 * @param runs Of one workload, all with as many rounds.
 * @param batch Images of a step.
 */
export function resultsOf(runs: readonly Run[], batch: number): readonly Result[] {
  const times = runs.map(({ answers }) => answers.map(({ milliseconds }) => milliseconds));
  return runs.map(({ contestant, title, first, warmup, answers, firstStep, peakMemory, idleCores }, index) => ({
    contestant,
    title,
    imagesPerSecond: spread(times[index].map((time) => 1000 * batch / time)),
    ratio: spread(times[index].map((time, round) => time / times[0][round])),
    peakMemory,
    firstStep,
    idleCores,
    parameters: first.parameters,
    losses: [first, ...warmup, ...answers].map(({ loss }) => loss),
    versions: first.versions,
    milliseconds: times[index],
  }));
}

/** The median of some numbers, and their bounds. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return {
    median: (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2,
    least: sorted[0],
    greatest: sorted[sorted.length - 1],
  };
}
