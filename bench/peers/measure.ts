/**
 * Contestants at one workload, in turn, so that a change of the machine's speed meets all.
 *
 * @module
 */
import type { Answer, Peer } from "./peer.ts";
import type { Workload } from "./workloads.ts";

/** The middle one of some values, with the least and the greatest. */
export type Spread = { readonly median: number; readonly least: number; readonly greatest: number };

/** What is known of a contestant at a workload. */
export type Result = {
  readonly contestant: string;
  readonly title: string;
  readonly imagesPerSecond: Spread;
  /** Our compiled step's speed over this one's, within each round. */
  readonly ratio: Spread;
  /** MiB. */
  readonly peakMemory: number;
  /** Seconds from the start of the process to the end of its first step. */
  readonly firstStep: number;
  /** Cores that it kept busy while it was another's turn. */
  readonly idleCores: number;
  readonly parameters: number;
  /** Of the first step, and after every turn. */
  readonly losses: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
  /** Of a step, by round. */
  readonly milliseconds: readonly number[];
};

/** Rounds that are run before those that count: compilers and caches settle. */
const warmups = 2;

/** Spins of a thread pool are over after this many milliseconds. */
const settling = 200;

/** Starts the contestants one after another, lets them take their turns, and stops them. */
export async function measure(
  starters: readonly (() => Peer)[],
  work: Workload,
  steps: number,
  repeats: number,
): Promise<readonly Result[]> {
  const peers: Peer[] = [];
  try {
    const runs = [];
    for (const start of starters) {
      const peer = start();
      peers.push(peer);
      const first = await peer.go(1);
      runs.push({ peer, first, firstStep: peer.age(), answers: [] as Answer[] });
      console.error(`  ${peer.contestant.title}: first step after ${peer.age().toFixed(1)} s`);
    }
    checkAlike(runs);
    const resting = runs.map(() => ({ seconds: 0, busy: 0 }));
    for (let round = 0; round < warmups + repeats; round++) {
      for (const [index, { peer, answers }] of runs.entries()) {
        await new Promise((resolve) => setTimeout(resolve, settling));
        const [before, since] = [peers.map((each) => each.busy()), performance.now()];
        answers.push(await peer.go(steps));
        const seconds = (performance.now() - since) / 1000;
        for (const [other, rest] of resting.entries()) {
          if (other === index) continue;
          rest.seconds += seconds;
          rest.busy += peers[other].busy() - before[other];
        }
      }
      console.error(`  round ${round + 1} of ${warmups + repeats}`);
    }
    const times = runs.map(({ answers }) => answers.slice(warmups).map(({ milliseconds }) => milliseconds));
    return runs.map(({ peer, first, firstStep, answers }, index) => ({
      contestant: peer.contestant.name,
      title: peer.contestant.title,
      imagesPerSecond: spread(times[index].map((time) => 1000 * work.batch / time)),
      ratio: spread(times[index].map((time, round) => time / times[0][round])),
      peakMemory: peer.peakMemory(),
      firstStep,
      idleCores: resting[index].busy / Math.max(resting[index].seconds, 1e-9),
      parameters: first.parameters,
      losses: [first, ...answers].map(({ loss }) => loss),
      versions: first.versions,
      milliseconds: times[index],
    }));
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

/** Networks of another size are not compared. */
function checkAlike(runs: readonly { readonly peer: Peer; readonly first: Answer }[]): void {
  for (const { peer, first } of runs) {
    if (first.parameters !== runs[0].first.parameters) {
      throw new Error(
        `Cannot compare ${peer.contestant.title}: expected ${runs[0].first.parameters} parameters, ` +
          `found ${first.parameters}`,
      );
    }
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return {
    median: (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2,
    least: sorted[0],
    greatest: sorted[sorted.length - 1],
  };
}
