import { printableLine } from "../../core/printable.ts";
import { reasonOf } from "../../core/reason.ts";
import type { WatchedRun } from "../../run/watched/watch_run.ts";
import { bytesOf, frame, json, refusal } from "../answers.ts";
import type { CurvesHead, RunInfo } from "../messages.ts";
import type { Wanted } from "../run_work.ts";
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
  { method: "GET", path: "/api/run-views/", answer: (asked) => looked(asked, () => ({ what: "views" })) },
  {
    method: "GET",
    path: "/api/queue/",
    answer: (asked) => looked(asked, (run) => ({ what: "queue", folder: run.standing().folder })),
  },
  {
    method: "GET",
    path: "/api/run-image/",
    answer: (asked) => looked(asked, () => ({ what: "image", place: wholeOf(asked.query.get("place")) })),
  },
];

/** The answer about the run whose place a request names. */
function withRun<A>({ runs, name }: RunsAsked, then: (run: WatchedRun) => A): Response | A {
  const run = /^\d{1,4}$/.test(name) ? runs[Number(name)]?.run : undefined;
  return run === undefined ? refusal(404, "Cannot find the run") : then(run);
}

/** What the thread that looks at a run's images says, or why it cannot. */
function looked(asked: RunsAsked, question: (run: WatchedRun) => Wanted): Response | Promise<Response> {
  return withRun(asked, async (run) => {
    await run.refresh();
    const config = run.config();
    if (config === undefined) return refusal(404, "Cannot look at the run's images: its configuration cannot be read");
    try {
      const found = await asked.looker.ask({ config, ...question(run) });
      return found instanceof Uint8Array ? bytesOf(found, "image/png") : json(found);
    } catch (thrown) {
      return refusal(404, reasonOf(thrown));
    }
  });
}

function wholeOf(text: string | null): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function infoOf(name: string, { standing, curves }: WatchedRun): RunInfo {
  const { folder: _, modified, alarms, ...others } = standing();
  return {
    ...others,
    name: printableLine(name),
    ...modified === undefined ? {} : { age: Math.max(0, (Date.now() - modified) / 1000) },
    alarms: alarms.map(printableLine),
    ...{ count: curves.count(), generation: curves.generation(), curves: curves.names() },
  };
}
