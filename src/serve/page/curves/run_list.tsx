/**
 * The runs that are watched: which of them are drawn, how they stand, and what goes wrong in them.
 *
 * @module
 */
import type { RunInfo } from "../../messages.ts";
import { counted } from "../format.ts";
import { hidden, runs } from "../state/runs.ts";
import { colourOf } from "./reading.ts";

/** A run without a new line for so many seconds may have ended. */
const QUIET = 120;

/** The list. */
export function RunList() {
  const found = runs.value ?? [];
  const toggle = (place: number): void => {
    const others = hidden.value.filter((one) => one !== place);
    hidden.value = others.length < hidden.value.length ? others : [...others, place].sort((a, b) => a - b);
  };
  return (
    <>
      <ul class="runs" aria-label="Runs">
        {found.map((run, place) => (
          <li key={place}>
            <label>
              <input type="checkbox" checked={!hidden.value.includes(place)} onChange={() => toggle(place)} />
              <span class="dot" style={{ background: colourOf(place) }} />
              <span class="name">{run.name}</span>
            </label>
            {run.method !== undefined && <span class="muted">{run.method}</span>}
            <span class={run.problem === undefined ? "muted" : "error"}>{standingOf(run)}</span>
            {run.end !== undefined && run.epochs !== undefined && !run.isFinished && (
              <progress aria-label={`${run.name}: epochs behind`} max={run.epochs} value={run.end.epoch} />
            )}
          </li>
        ))}
      </ul>
      <div role="status">
        <ul class="alarms" aria-label="Alarms">
          {found.flatMap(({ name, alarms }) =>
            alarms.map((text) => (
              <li key={`${name} ${text}`}>
                <strong>{found.length > 1 ? `${name}: ` : ""}</strong>
                {text}
              </li>
            ))
          )}
        </ul>
      </div>
    </>
  );
}

/** How a run stands, in words. */
function standingOf({ end, epochs, isFinished, age = 0, secondsLeft, problem }: RunInfo): string {
  if (end === undefined) {
    return problem === undefined ? "It has written no line yet." : "It has written nothing yet, or its folder is gone.";
  }
  const behind = `step ${end.step.toLocaleString("en")}`;
  if (problem !== undefined) return `Its file cannot be read any more, after ${behind}. ${problem}.`;
  if (isFinished) return `Finished after ${counted(epochs!, "epoch")}, ${behind}.`;
  const epoch = `Epoch ${Number(end.epoch.toFixed(2))}${epochs === undefined ? "" : ` of ${epochs}`}`;
  if (age > QUIET) {
    return `${epoch}, ${behind}. No new line for ${durationOf(age)}: it has ended, or a step takes long.`;
  }
  const left = secondsLeft === undefined ? "" : `, about ${durationOf(secondsLeft)} left`;
  return `${epoch}, ${behind}${left}. Last line ${durationOf(age)} ago.`;
}

/** A duration in words: "8 s", "2 min", "1 h 5 min". */
function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
