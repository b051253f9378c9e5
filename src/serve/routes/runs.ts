import { printableLine } from "../../core/printable.ts";
import type { WatchedRun } from "../../run/watched/watch_run.ts";
import { frame, json, refusal } from "../answers.ts";
import type { CurvesHead, RunInfo } from "../messages.ts";
import type { RunRoute, RunsAsked } from "./route.ts";

/** The trainings that are watched: how they stand, and what they measured. */
export const runRoutes: readonly RunRoute[] = [
  {
    method: "GET",
    path: "/api/runs",
    answer: async ({ runs }) => {
      await Promise.all(runs.map(({ run }) => run.refresh()));
      return json(runs.map(({ name, run }) => infoOf(name, run)));
    },
  },
  {
    method: "GET",
    path: "/api/curves/",
    answer: (asked) =>
      withRun(asked, ({ curves }) => {
        const { query } = asked;
        const generation = curves.generation();
        const isSame = query.get("generation") === `${generation}`;
        const from = isSame ? Math.min(wholeOf(query.get("from")), curves.count()) : 0;
        return frame({ generation, from } satisfies CurvesHead, curves.rows(from, query.getAll("name")));
      }),
  },
];

/** The answer about the run whose place a request names. */
function withRun({ runs, name }: RunsAsked, then: (run: WatchedRun) => Response): Response {
  const run = /^\d{1,4}$/.test(name) ? runs[Number(name)]?.run : undefined;
  return run === undefined ? refusal(404, "Cannot find the run") : then(run);
}

function wholeOf(text: string | null): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function infoOf(name: string, { standing, curves }: WatchedRun): RunInfo {
  const { method, epochs, end, isFinished, modified, secondsLeft, alarms, problem } = standing();
  return {
    name: printableLine(name),
    ...method === undefined ? {} : { method },
    ...epochs === undefined ? {} : { epochs },
    ...end === undefined ? {} : { end },
    isFinished,
    ...modified === undefined ? {} : { age: Math.max(0, (Date.now() - modified) / 1000) },
    ...secondsLeft === undefined ? {} : { secondsLeft },
    alarms: alarms.map(printableLine),
    ...problem === undefined ? {} : { problem },
    ...{ count: curves.count(), generation: curves.generation(), curves: curves.names() },
  };
}
