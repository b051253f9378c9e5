/**
 * What an experiment found as one HTML page, beside what the paper reports.
 *
 * @module
 */
import { figure } from "../report/figure.ts";
import { duration } from "../report/format.ts";
import { type Html, html } from "../report/html.ts";
import { page } from "../report/page.ts";
import { pairs } from "../report/pairs.ts";
import type { CellResult, Made } from "./cell_result.ts";
import type { Drawn } from "./figures.ts";
import { type Table, tableOf } from "./table.ts";
import type { Row } from "./summary.ts";
import type { Experiment, Scale } from "./types.ts";

/** How the results were made. */
export type Provenance = Made & {
  readonly command: string;
  /** The versions of what it ran on, by name. */
  readonly versions: Readonly<Record<string, string>>;
};

/** All that the page shows. */
export type ExperimentReport = {
  readonly experiment: Experiment;
  readonly scale: Scale;
  /** Cells that the experiment has at this scale. */
  readonly cells: number;
  readonly results: readonly CellResult[];
  readonly rows: readonly Row[];
  readonly figures: readonly Drawn[];
  /** The paper's numbers in the form of ours, if possible. */
  readonly paperFigure?: Drawn;
  readonly provenance: Provenance;
  /** The configuration of each combination, by name. */
  readonly configs: Readonly<Record<string, unknown>>;
};

/** The page: a pure function of its data. */
export function experimentPage(report: ExperimentReport): string {
  const { experiment, scale, cells, results, rows, figures, provenance } = report;
  const { title, question, paper } = experiment;
  const missing = cells - results.length;
  const [first, ...others] = figures.map((drawn) => ({ drawn, note: repetitions(rows) }));
  const theirs = report.paperFigure === undefined ? [] : [{ drawn: report.paperFigure, note: paper.source }];
  const beside = [...(first === undefined ? [] : [first]), ...theirs, ...others];
  return page(
    title,
    html`
      <header>
        <h1>${title}</h1>
        <p class="lead">${question}</p>
        ${missing === 0 ? undefined : html`
          <p><strong>${missing} of ${cells} cells are still to be run.</strong></p>
        `}
      </header>
      <section>
        <h2>Figures</h2>
        <div class="charts">${beside.map(({ drawn, note }) => figure(drawn.title, drawn.label, drawn.svg, note))}</div>
      </section>
      <section>
        <h2>Numbers</h2>
        <div class="charts">
          <div class="card">
            <h3>Here, at the scale “${scale}”</h3>
            ${tableHtml(tableOf(experiment, rows))}
            <p class="note">${repetitions(rows)}</p>
          </div>
          <div class="card">
            <h3>The paper</h3>
            <p>${paper.finding}</p>
            ${tableHtml({ header: paper.header, rows: paper.rows.map((row) => row.map(String)) })}
            <p class="note">${paper.source}</p>
          </div>
        </div>
      </section>
      <section>
        <h2>How it was made</h2>
        ${pairs({
          Command: provenance.command,
          Date: provenance.date,
          Machine: machines(results, provenance).join("; "),
          ...provenance.versions,
          "Time of the cells": duration(results.reduce((sum, { seconds }) => sum + seconds, 0)),
        })} ${failures(results)} ${Object.entries(report.configs).map(([name, config]) =>
          html`
            <details>
              <summary>Configuration: ${name}</summary>
              <pre>${JSON.stringify(config, null, 2)}</pre>
            </details>
          `
        )}
      </section>
    `,
  );
}

/** The machines on which results were made, each once: cells may have been spread over several. */
function machines(results: readonly CellResult[], { machine }: Made): readonly string[] {
  return [...new Set(results.map(({ made }) => made?.machine ?? machine))];
}

function repetitions(rows: readonly Row[]): string {
  const most = Math.max(0, ...rows.map(({ finished }) => finished));
  return most > 1
    ? `${most} seeds: tables give mean ± standard deviation, figures the mean from the least to the greatest, ` +
      "or a curve each."
    : "One seed.";
}

function tableHtml({ header, rows }: Table): Html {
  return html`
    <div class="scroll">
      <table>
        <thead>
          <tr>${header.map((cell) => html`<th scope="col">${cell}</th>`)}</tr>
        </thead>
        <tbody>${rows.map(([first, ...others]) =>
          html`<tr><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

function failures(results: readonly CellResult[]): Html | undefined {
  const failed = results.filter(({ state }) => state === "failed");
  if (failed.length === 0) return undefined;
  return html`
    <h3>Cells that failed</h3>
    <ul>${failed.map(({ name, reason }) => html`<li>${name}: ${reason}</li>`)}</ul>
  `;
}
