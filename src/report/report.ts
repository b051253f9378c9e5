import { dotChart, lineChart, type Series, thin } from "./charts.ts";
import type { GalleryRow } from "./gallery.ts";
import { type Html, html, trusted } from "./html.ts";
import { style } from "./style.ts";
import type { Result, Summary } from "./summary.ts";
import type { CurvePoint, ReportData } from "./types.ts";

/** Points of a curve that a chart draws at most: more than its pixels can show. */
const CHART_POINTS = 400;

/** Classes that the chart of classes shows at most; the table below it has them all. */
const CHART_CLASSES = 24;

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
 *   curves: [],
 *   knn: [],
 *   gallery: [],
 *   config: {},
 * };
 * assertStringIncludes(await renderReport(data), "Cats &#38; dogs");
 * ```
 */
export async function renderReport(data: ReportData): Promise<string> {
  const { summary } = data;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${data.title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
<header>
<h1>${data.title}</h1>
<p class="lead">${lead(summary)}</p>
${figures(summary)}
</header>
${results(summary)}
${await curves(data)}
${await classes(summary)}
${gallerySection(data.gallery)}
${details(data)}
</main>
</body>
</html>
`;
  return page.html;
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
      return reached === undefined ? [] : [`${other.features.toLowerCase()} ${percent(reached)}`];
    }).join(", ");
  const figure = (name: string, value: string, note: string) =>
    html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd></div>`;
  return html`<dl class="figures">
${main.linear === undefined
    ? undefined
    : figure("Linear accuracy", percent(main.linear.top1), against((result) => result.linear?.top1))}
${figure("kNN accuracy", percent(main.knn.top1), against((result) => result.knn.top1))}
${figure("Training", duration(training.seconds), `${whole(training.steps)} steps of ${whole(training.batch)} images`)}
${figure("Speed", `${whole(Math.round(training.imagesPerSecond))}/s`, `images; whole run ${duration(seconds)}`)}
</dl>`;
}

function results({ results, data }: Summary): Html {
  const linear = results.find((result) => result.linear !== undefined)?.linear;
  const [{ knn }] = results;
  const row = (result: Result, index: number) =>
    html`<tr class="${index === 0 ? "main" : "baseline"}"><th scope="row">${result.features}</th>
<td>${whole(result.dimension)}</td><td>${percent(result.knn.top1)}</td><td>${percent(result.knn.top5)}</td>
${
      linear === undefined
        ? undefined
        : html`<td>${percent(result.linear?.top1)}</td><td>${percent(result.linear?.top5)}</td>`
    }</tr>
`;
  return html`<section>
<h2>Results</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Features</th><th scope="col">Dimensions</th><th scope="col">kNN top-1</th>
<th scope="col">kNN top-5</th>${
    linear === undefined ? undefined : html`<th scope="col">Linear top-1</th><th scope="col">Linear top-5</th>`
  }</tr></thead>
<tbody>${results.map(row)}</tbody>
</table></div>
<p class="note">Share of ${whole(data.test)} held-out images. kNN: ${knn.k} nearest of the ${whole(data.train)} training
images by cosine similarity, votes weighted by exp(s / ${knn.temperature}).
${
    linear === undefined
      ? undefined
      : html`Linear: one linear layer on frozen features, computed once without augmentation${
        linear.standardized ? " and standardised over the training images" : ""
      }; ${linear.epochs} epochs of SGD${
        linear.selection === undefined
          ? ""
          : ", learning rate chosen for each row on a held-out tenth of the training images"
      }.`
  }</p>
</section>`;
}

async function curves(data: ReportData): Promise<Html | undefined> {
  if (data.curves.length === 0 && data.knn.length === 0) return undefined;
  const points = thin(data.curves, CHART_POINTS);
  const series = (name: string, value: (point: CurvePoint) => number | undefined, comparison = false): Series[] => {
    const found = points.flatMap((point): [number, number][] => {
      const y = value(point);
      return y === undefined || !Number.isFinite(y) ? [] : [[point.epoch, y]];
    });
    return found.length === 0 ? [] : [{ name, points: found, ...(comparison ? { comparison } : {}) }];
  };
  const x = "Epoch";
  const last = data.curves.at(-1);
  const epochs = data.knn.map((point) => point.epoch);
  const level = (result: Result): Series => ({
    name: result.features,
    comparison: true,
    points: [[Math.min(...epochs), 100 * result.knn.top1], [Math.max(...epochs), 100 * result.knn.top1]],
  });
  const charts = [
    await chart("Loss", "Loss (nats)", [
      ...series("Training loss", (point) => point.loss),
      ...series("Chance", (point) => point.chance, true),
    ], `It may rise at first: the queue starts with random keys, and the task hardens as real ones fill it.${
      last === undefined ? "" : ` At the end ${last.loss.toFixed(2)} nats.`
    }`),
    await chart("Contrast accuracy", "Queries that find their key (%)", [
      ...series("Top-1", (point) => share(point.top1)),
      ...series("Top-5", (point) => share(point.top5)),
    ], "The pretext task, not the goal: near 100 % while the kNN accuracy falls, it tells of a leak between the views."),
    await chart(
      "kNN accuracy",
      "Top-1 accuracy (%)",
      data.knn.length === 0 ? [] : [
        { name: "During training", points: data.knn.map(({ epoch, top1 }) => [epoch, 100 * top1]), dots: true },
        ...data.summary.results.slice(1).map(level),
      ],
      data.knnNote ?? "Dashed: the final evaluation of what the encoder is compared with.",
    ),
    await chart(
      "Learning rate",
      "Learning rate",
      series("Learning rate", (point) => point.learningRate),
      "Of the optimizer, at each logged step.",
      { zero: true },
    ),
    await chart(
      "Queue",
      "Keys of real images (%)",
      series("Filled", (point) => share(point.filled)),
      "The rest are the random keys that the queue starts with.",
      { zero: true },
    ),
    await chart(
      "Spread of the features",
      "Standard deviation",
      series("Deviation", (point) => point.deviation),
      "Of the normalised queries over a batch, mean over dimensions. A fall towards 0 is collapse.",
      { zero: true },
    ),
  ].filter((one) => one !== undefined);
  return html`<section><h2>Training</h2><div class="charts">${charts}</div></section>`;

  async function chart(
    title: string,
    y: string,
    lines: readonly Series[],
    caption: string,
    options: { readonly zero?: boolean } = {},
  ): Promise<Html | undefined> {
    if (lines.length === 0) return undefined;
    const label = `${title} over epochs. ${lines.map(describe).join(" ")}`;
    return figure(title, label, await lineChart({ x, y, series: lines, ...options }), caption);
  }
}

async function classes(summary: Summary): Promise<Html | undefined> {
  const named = summary.results.flatMap((result) => [
    ...(result.linear === undefined ? [] : [{ name: `${result.features}, linear`, scores: result.linear.perClass }]),
    { name: `${result.features}, kNN`, scores: result.knn.perClass },
  ]);
  const order = [...(named[0]?.scores ?? [])].sort((a, b) => (a.accuracy ?? 2) - (b.accuracy ?? 2));
  if (order.length === 0) return undefined;
  // The encoder by both measures, and each baseline by the first of them: more dots than four hide each other.
  const perResult = summary.results[0].linear === undefined ? 1 : 2;
  const shown = named.filter((_, i) => i < perResult || (i - perResult) % perResult === 0).slice(0, 4);
  const label = (one: { readonly label: number; readonly name?: string }) => one.name ?? String(one.label);
  const charted = order.slice(0, CHART_CLASSES);
  const svg = await dotChart({
    x: "Held-out images predicted right (%)",
    classes: charted.map(label),
    series: shown.map(({ name, scores }) => ({
      name,
      values: charted.map((one) => share(scores[one.label]?.accuracy ?? undefined) ?? null),
    })),
  });
  const row = (one: typeof order[number]) =>
    html`<tr><th scope="row">${label(one)}</th><td>${whole(one.count)}</td>${
      named.map(({ scores }) => html`<td>${percent(scores[one.label]?.accuracy ?? undefined)}</td>`)
    }</tr>
`;
  const hardest = order.slice(0, 3).map((one) => `${label(one)} ${percent(one.accuracy ?? undefined)}`).join(", ");
  return html`<section><h2>Classes</h2>
${
    figure(
      "Accuracy of each class",
      `Accuracy of each class, the hardest first. ${shown[0].name}: ${hardest}.`,
      svg,
      `The hardest first, by ${shown[0].name}.${
        order.length > charted.length ? ` ${charted.length} of ${order.length} classes; the table has all.` : ""
      }`,
    )
  }
<details><summary>Table of the classes</summary>
<div class="scroll"><table>
<thead><tr><th scope="col">Class</th><th scope="col">Images</th>${
    named.map(({ name }) => html`<th scope="col">${name}</th>`)
  }</tr></thead>
<tbody>${order.map(row)}</tbody>
</table></div></details>
</section>`;
}

function gallerySection(rows: readonly GalleryRow[]): Html | undefined {
  if (rows.length === 0) return undefined;
  const others = rows.flatMap((row) => row.neighbours).filter((neighbour) => !neighbour.same).length;
  const total = rows.flatMap((row) => row.neighbours).length;
  return html`<section><h2>Nearest neighbours</h2>
<p>Test images, each with the training images whose features are most similar to its own, and the cosine similarity.
${total - others} of ${total} show the same class; the others are outlined with dashes, their class in colour.</p>
<div class="scroll"><table class="gallery">
<thead><tr><th scope="col">Test image</th>${
    rows[0].neighbours.map((_, i) => html`<th scope="col">${i + 1}</th>`)
  }</tr></thead>
<tbody>${
    rows.map(({ query, neighbours }) =>
      html`<tr><td class="query"><img src="${query.source}" alt="Test image of class ${query.name}">
<span class="name">${query.name}</span></td>${
        neighbours.map((neighbour) =>
          html`<td class="${neighbour.same ? "same" : "other"}">
<img src="${neighbour.source}" alt="${neighbour.same ? "Same class" : `Other class: ${neighbour.name}`}">
${neighbour.same ? undefined : html`<span class="name">${neighbour.name}</span>`}
<span class="similarity">${neighbour.similarity.toFixed(2)}</span></td>`
        )
      }</tr>
`
    )
  }</tbody>
</table></div>
</section>`;
}

function details({ config, summary }: ReportData): Html {
  const pair = ([name, value]: readonly [string, string]) =>
    html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`;
  return html`<section><h2>How it was made</h2>
<details open><summary>Environment</summary>
<div class="scroll"><table class="pairs"><tbody>${Object.entries(summary.environment).map(pair)}</tbody></table></div></details>
<details><summary>Configuration</summary><pre>${JSON.stringify(config, null, 2)}</pre></details>
<details><summary>Summary</summary><pre>${JSON.stringify(withoutClasses(summary), null, 2)}</pre></details>
</section>`;
}

/** The summary as the page prints it: the figures of the classes stand in their own table. */
function withoutClasses(summary: Summary): unknown {
  return JSON.parse(JSON.stringify(summary, (key, value) => key === "perClass" || key === "losses" ? undefined : value));
}

function figure(title: string, label: string, svg: string, caption: string): Html {
  // The picture is one image with a text of its own: a screen reader need not walk the marks of the plot.
  const labelled = svg.replace("<svg ", `<svg role="img" aria-label="${html`${label}`.html}" `);
  return html`<figure class="card"><h3>${title}</h3>${trusted(labelled)}<figcaption>${caption}</figcaption></figure>
`;
}

function describe({ name, points }: Series): string {
  const [first, last] = [points[0], points[points.length - 1]];
  return `${name}: from ${short(first[1])} to ${short(last[1])}.`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function share(value: number | undefined): number | undefined {
  return value === undefined ? undefined : 100 * value;
}

function percent(value: number | undefined): string {
  return value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
}

function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

function duration(seconds: number): string {
  const [minutes, rest] = [Math.floor(Math.round(seconds) / 60), Math.round(seconds) % 60];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}
