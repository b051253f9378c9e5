import { classAccuracy } from "./class_accuracy.ts";
import { duration, percentOrDash, rate, whole } from "./format.ts";
import { galleryTable } from "./gallery_table.ts";
import { type Html, html } from "./html.ts";
import { pairs } from "./pairs.ts";
import { page } from "./page.ts";
import { resultsTable } from "./results_table.ts";
import type { Result, Summary } from "./summary.ts";
import { trainingCharts } from "./training_charts.ts";
import type { ReportData } from "./types.ts";

/**
 * The report of a run as one HTML document that needs nothing else: no script, no network (its content security policy
 * forbids both), pictures and charts inside.
 *
 * The same data gives the same text.
 *
 * @param data What to show.
 * @returns The document.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { renderReport, type ReportData } from "@momentum-contrast/moco";
 *
 * const knn = { count: 10, top1: 0.5, top5: 1, perClass: [], k: 1, temperature: 0.1 };
 * const data: ReportData = {
 *   title: "Cats & dogs",
 *   summary: {
 *     version: 1,
 *     method: "MoCo v2",
 *     finished: "2026-01-01T00:00:00Z",
 *     data: { name: "cats-and-dogs", train: 10, test: 10, classes: ["cat", "dog"], shape: [8, 8, 1] },
 *     training: { epochs: 1, steps: 1, batch: 10, seconds: 1, imagesPerSecond: 10 },
 *     results: [{ features: "MoCo v2", dimension: 8, knn }],
 *     seconds: 2,
 *     environment: {},
 *   },
 *   records: [],
 *   gallery: [],
 *   config: {},
 * };
 * assertStringIncludes(await renderReport(data), "Cats &#38; dogs");
 * ```
 */
export async function renderReport(data: ReportData): Promise<string> {
  const { summary } = data;
  return page(
    data.title,
    html`
      <header>
        <h1>${data.title}</h1>
        <p class="lead">${lead(summary)}</p>
        ${figures(summary)}
      </header>
      ${resultsTable(summary)} ${await trainingCharts(data)} ${await classAccuracy(summary)} ${galleryTable(
        data.gallery,
      )} ${details(data)}
    `,
  );
}

function lead({ method, data, training, finished }: Summary): string {
  const [height, width, channels] = data.shape;
  return `${method}, pretrained without labels on ${whole(data.train)} images of ${data.name} ` +
    `(${height} × ${width} pixels, ${channels === 1 ? "grey" : `${channels} channels`}) for ${training.epochs} ` +
    `${training.epochs === 1 ? "epoch" : "epochs"}, evaluated on ${whole(data.test)} held-out images. ` +
    `Finished ${finished.replace("T", " ").replace(/(:\d\d)(\.\d+)?Z$/, "$1 UTC")}.`;
}

function figures({ results, training, seconds }: Summary): Html {
  const [main, ...others] = results;
  const against = (value: (result: Result) => number | undefined) =>
    others.flatMap((other) => {
      const reached = value(other);
      return reached === undefined ? [] : [`${other.features.toLowerCase()} ${percentOrDash(reached)}`];
    }).join(", ");
  const figure = (name: string, value: string, note: string) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd class="value">${value}</dd>
        <dd class="note">${note}</dd>
      </div>
    `;
  return html`<dl class="figures">
${
    main.linear === undefined
      ? undefined
      : figure("Linear accuracy", percentOrDash(main.linear.top1), against((result) => result.linear?.top1))
  }
${figure("kNN accuracy", percentOrDash(main.knn.top1), against((result) => result.knn.top1))}
${figure("Training", duration(training.seconds), `${whole(training.steps)} steps of ${whole(training.batch)} images`)}
${figure("Images a second", rate(training.imagesPerSecond), `whole run ${duration(seconds)}, evaluation included`)}
</dl>`;
}

function details({ config, summary }: ReportData): Html {
  return html`
    <section>
      <h2>How it was made</h2>
      <details open>
        <summary>Environment</summary>
        ${pairs(summary.environment)}
      </details>
      <details>
        <summary>Configuration</summary>
        <pre>${JSON.stringify(config, null, 2)}</pre>
      </details>
      <details>
        <summary>Summary</summary>
        <pre>${JSON.stringify(withoutClasses(summary), null, 2)}</pre>
      </details>
    </section>
  `;
}

/** The summary as the page prints it: the figures of the classes stand in their own table. */
function withoutClasses(summary: Summary): unknown {
  return JSON.parse(
    JSON.stringify(summary, (key, value) => key === "perClass" || key === "losses" ? undefined : value),
  );
}
