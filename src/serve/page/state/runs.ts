/**
 * The trainings that are watched: how they stand, and their curves as far as the page has them.
 *
 * @module
 */
import { computed, signal } from "@preact/signals";
import type { CurvesHead, RunInfo } from "../../messages.ts";
import type { RunCurves } from "../curves/lines.ts";
import { askFrame, askJson } from "../server.ts";
import { inAddress } from "./address.ts";

/** The runs; undefined until they are loaded. */
export const runs = signal<readonly RunInfo[] | undefined>(undefined);

/** Why they cannot be read now. */
export const runsFailure = signal<string | undefined>(undefined);

/** The runs that are not drawn, by their place. */
export const hidden = inAddress<readonly number[]>("hidden", [], {
  read: (text) =>
    text === "" ? [] : text.split(",").map(Number).filter((place) => Number.isSafeInteger(place) && place >= 0),
  write: (places) => places.join(),
});

/** The places of the runs that are drawn. */
export const drawn = computed(() => [...(runs.value ?? []).keys()].filter((place) => !hidden.value.includes(place)));

/** The curves by the runs' places. */
export const curves = signal<ReadonlyMap<number, RunCurves>>(new Map());

/** Milliseconds from one look at the runs to the next. */
const REST = 2000;

/**
 * Looks at the runs again and again while the page is seen.
 *
 * @param names The curves that are wanted, asked for before each look.
 * @returns Ends it.
 */
export function followRuns(names: () => readonly string[]): () => void {
  const ended = new AbortController();
  let timer: number | undefined;
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    if (!document.hidden) await lookOnce(names(), ended.signal);
    clearTimeout(timer); // another look may have begun, and ended, meanwhile
    if (!ended.signal.aborted) timer = setTimeout(look, REST);
  };
  document.addEventListener("visibilitychange", look, { signal: ended.signal });
  look();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}

/** How many looks were begun. */
let begun = 0;

/** Looks at the runs once. What comes after a later look has begun is left to that one. */
export async function lookOnce(names: readonly string[], signal?: AbortSignal): Promise<void> {
  const own = ++begun;
  try {
    const found = await askJson<readonly RunInfo[]>("api/runs", signal === undefined ? {} : { signal });
    const next = await Promise.all(found.map((run, place) => withNewRows(run, place, names, signal)));
    if (own !== begun) return;
    if (next.some((held, place) => held !== curves.peek().get(place))) curves.value = new Map(next.entries());
    runs.value = found;
    runsFailure.value = undefined;
  } catch (thrown) {
    if (!signal?.aborted && own === begun) runsFailure.value = (thrown as Error).message;
  }
}

/** The curves of a run with the rows that came since. */
async function withNewRows(
  run: RunInfo,
  place: number,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<RunCurves> {
  const held = curves.peek().get(place);
  const wanted = names.filter((name) => run.curves.includes(name));
  const hasAll = held !== undefined && wanted.every((name) => held.values.has(name));
  if (hasAll && held.generation === run.generation && held.steps.length === run.count) return held;
  const query = new URLSearchParams(wanted.map((name) => ["name", name]));
  if (hasAll) {
    query.set("generation", `${held.generation}`);
    query.set("from", `${held.steps.length}`);
  }
  const { head, bytes } = await askFrame<CurvesHead>(
    `api/curves/${place}?${query}`,
    signal === undefined ? {} : { signal },
  );
  const before = hasAll && held.generation === head.generation && held.steps.length === head.from ? held : undefined;
  const columns = [
    before?.steps.slice() ?? [],
    before?.epochs.slice() ?? [],
    ...wanted.map((name) => before?.values.get(name)?.slice() ?? []),
  ];
  new Float64Array(bytes).forEach((value, at) => columns[at % columns.length].push(value));
  const [steps, epochs, ...values] = columns;
  return { generation: head.generation, steps, epochs, values: new Map(wanted.map((name, at) => [name, values[at]])) };
}
