/**
 * Trainings, while they go on or after.
 *
 * @module
 */
import { useEffect } from "preact/hooks";
import { Chart } from "../curves/chart.tsx";
import { chartKinds, chartOf, isOther } from "../curves/chart_kinds.ts";
import { across, cursor, formatPlace, isLog, more, smoothing } from "../curves/reading.ts";
import { RunImages } from "../curves/run_images.tsx";
import { RunList } from "../curves/run_list.tsx";
import { Slider } from "../parts/slider.tsx";
import { followRuns, lookOnce, runs, runsFailure } from "../state/runs.ts";

/** The curves that are wanted. */
function wanted(): readonly string[] {
  const always = chartKinds.flatMap(({ curves }) => curves.map(({ name }) => name));
  return more.peek() === "" ? always : [...always, more.peek()];
}

/** The view. */
export function TrainingView() {
  useEffect(() => followRuns(wanted), []);
  const found = runs.value;
  return (
    <section class="page scrolls" aria-label="Training">
      <div class="lead">
        <h2>Training</h2>
        {runsFailure.value !== undefined && <p class="error" role="alert">{runsFailure.value}</p>}
        {found === undefined && runsFailure.value === undefined && <p>Loading …</p>}
        {found !== undefined && <RunList />}
        {found?.some(({ count }) => count > 0) && <Controls />}
      </div>
      {found !== undefined && found.every(({ count }) => count === 0) && (
        <p class="empty">
          There is no curve yet. The first line comes some steps after a training has begun, and shows here by itself.
        </p>
      )}
      <div class="charts">
        {chartKinds.map((kind) => <Chart key={kind.title} kind={kind} />)}
        {more.value !== "" && <Chart key={more.value} kind={chartOf(more.value)} />}
      </div>
      {found !== undefined && found.length > 0 && <RunImages />}
    </section>
  );
}

/** How the curves are looked at. */
function Controls() {
  const others = [...new Set(runs.value!.flatMap(({ curves }) => curves))].filter(isOther).sort();
  return (
    <div class="controls">
      <label class="field">
        Across
        <select
          value={across.value}
          onChange={({ currentTarget }) => {
            across.value = currentTarget.value === "epoch" ? "epoch" : "step";
            cursor.value = -1;
          }}
        >
          <option value="step">steps</option>
          <option value="epoch">epochs</option>
        </select>
      </label>
      <Slider
        before="Smoothing"
        {...{ min: 0, max: 0.99, step: 0.01, digits: 2 }}
        value={smoothing.value}
        onChange={(value) => smoothing.value = value}
      />
      <label class="field">
        <input
          type="checkbox"
          checked={isLog.value}
          onChange={({ currentTarget }) => isLog.value = currentTarget.checked}
        />
        Logarithmic axes
      </label>
      {others.length > 0 && (
        <label class="field">
          One more curve
          <select
            value={more.value}
            onChange={({ currentTarget }) => {
              more.value = currentTarget.value;
              lookOnce(wanted());
            }}
          >
            <option value="">none</option>
            {others.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
      )}
      <span role="status">{cursor.value < 0 ? "Values at the end" : `Values at ${formatPlace(cursor.value)}`}</span>
    </div>
  );
}
