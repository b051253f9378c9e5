import { lineChart, type Series, thin } from "./charts.ts";
import { figure } from "./figure.ts";
import { short } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { Result } from "./summary.ts";
import type { MetricsRecord } from "../train/metrics_log.ts";
import type { ReportData } from "./types.ts";

/** The most points of a curve that a chart draws: more than its pixels can show. */
const CHART_POINTS = 400;

/** A chart over the epochs of the training. */
type Chart = {
  readonly title: string;
  /** Title of the vertical axis, with its unit. */
  readonly y: string;
  readonly lines: readonly Series[];
  /** How to read it. */
  readonly caption: string;
  /** Whether the vertical axis starts at zero. */
  readonly zero?: boolean;
};

/** The curves of the training, one chart for each metric that the log holds. */
export async function trainingCharts(data: ReportData): Promise<Html | undefined> {
  const steps = thin(data.records.filter((record) => record.metrics !== undefined), CHART_POINTS);
  const charts = [
    loss(steps),
    contrastAccuracy(steps),
    knnAccuracy(data),
    learningRate(steps),
    dictionary(steps),
    spread(steps),
    gradientNorm(steps, firstLayer(data.records)),
  ];
  const drawn: Html[] = [];
  for (const chart of charts) if (chart.lines.length > 0) drawn.push(await draw(chart));
  if (drawn.length === 0) return undefined;
  return html`
    <section>
      <h2>Training</h2>
      <div class="charts">${drawn}</div>
    </section>
  `;
}

function loss(steps: readonly MetricsRecord[]): Chart {
  return {
    title: "Loss",
    y: "Loss (nats)",
    lines: [...curve(steps, "Training loss", "loss"), ...curve(steps, "Chance", "chance", { comparison: true })],
    caption: realKeys(steps).length === 0
      ? "It need not fall evenly: every step draws other views."
      : "It may rise at first: the dictionary starts without real keys, and the task hardens as they come.",
  };
}

function contrastAccuracy(steps: readonly MetricsRecord[]): Chart {
  return {
    title: "Contrast accuracy",
    y: "Queries that find their key (%)",
    lines: [
      ...curve(steps, "Top-1", "accuracy", { scale: 100 }),
      ...curve(steps, "Top-5", "accuracyTop5", { scale: 100 }),
    ],
    caption: "This is the pretext task, not the goal. If it is near 100 % while kNN accuracy falls, the views leak.",
  };
}

function knnAccuracy({ records, summary, knnNote }: ReportData): Chart {
  const points = records.flatMap(({ epoch, evaluation }): [number, number][] =>
    evaluation?.knn === undefined ? [] : [[epoch, 100 * evaluation.knn]]
  );
  const end = records.reduce((most, { epoch }) => Math.max(most, epoch), 0);
  const level = ({ features, knn }: Result): Series => ({
    name: features,
    comparison: true,
    points: [[0, 100 * knn.top1], [end, 100 * knn.top1]],
  });
  return {
    title: "kNN accuracy",
    y: "Top-1 accuracy (%)",
    lines: points.length === 0
      ? []
      : [{ name: "During training", points, dots: true }, ...summary.results.slice(1).map(level)],
    caption: knnNote ?? "The baselines' lines are from the final evaluation.",
  };
}

function learningRate(steps: readonly MetricsRecord[]): Chart {
  return {
    title: "Learning rate",
    y: "Learning rate",
    lines: curve(steps, "Learning rate", "learningRate"),
    caption: "This is the optimizer's rate at each logged step.",
    zero: true,
  };
}

function dictionary(steps: readonly MetricsRecord[]): Chart {
  return {
    title: "Dictionary",
    y: "Keys of real images (%)",
    lines: realKeys(steps),
    caption: "The rest are the random keys that the queue starts with, or empty rows of the memory bank.",
    zero: true,
  };
}

function realKeys(steps: readonly MetricsRecord[]): readonly Series[] {
  return curve(steps, "Real", "realKeys", { scale: 100 });
}

function spread(steps: readonly MetricsRecord[]): Chart {
  return {
    title: "Spread of the features",
    y: "Standard deviation × √dimensions",
    lines: curve(steps, "Spread", "featureStd"),
    caption: "The queries of a batch have unit length. At 1 they fill the sphere evenly; a fall towards 0 is collapse.",
    zero: true,
  };
}

function gradientNorm(steps: readonly MetricsRecord[], first: string | undefined): Chart {
  return {
    title: "Gradient norm",
    y: "Euclidean norm",
    lines: [
      ...curve(steps, "All parameters", "gradientNorm"),
      ...first === undefined ? [] : curve(steps, `First layer (${first})`, `${layerNorm}${first}`),
    ],
    caption:
      "All that is trained has one norm, and its first layer another. Spikes warn of instability: a ViT's begin there.",
    zero: true,
  };
}

/** A metric over the epochs, times a scale; none where the log does not hold it. */
function curve(
  steps: readonly MetricsRecord[],
  name: string,
  metric: string,
  { scale = 1, comparison = false }: { readonly scale?: number; readonly comparison?: boolean } = {},
): readonly Series[] {
  const points = steps.flatMap(({ epoch, metrics }): [number, number][] => {
    const value = metrics?.[metric];
    return value === undefined || !Number.isFinite(value) ? [] : [[epoch, scale * value]];
  });
  return points.length === 0 ? [] : [{ name, points, comparison }];
}

/** The prefix of the names of layers' gradient norms in the metrics. */
const layerNorm = "gradientNorm.";

/** The first layer that maps its input, and neither normalises it nor adds to it; undefined where none was measured. */
function firstLayer(records: readonly MetricsRecord[]): string | undefined {
  const [metrics] = records.flatMap(({ metrics }) => metrics === undefined ? [] : [metrics]);
  return Object.keys(metrics ?? {})
    .flatMap((name) => name.startsWith(layerNorm) ? [name.slice(layerNorm.length)] : [])
    .find((layer) => !/(^|\.)(cls_token|pos_embed|norm\d*|bn\d*)$/.test(layer));
}

async function draw({ title, y, lines, caption, zero }: Chart): Promise<Html> {
  const label = `${title} over epochs. ${lines.map(describe).join(" ")}`;
  return figure(title, label, await lineChart({ x: "Epoch", y, series: lines, zero }), caption);
}

function describe({ name, points }: Series): string {
  const [first, last] = [points[0], points[points.length - 1]];
  return `${name}: from ${short(first[1])} to ${short(last[1])}.`;
}
