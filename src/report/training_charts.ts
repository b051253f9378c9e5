import { lineChart, type Series, thin } from "./charts.ts";
import { figure } from "./figure.ts";
import { short } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { Result } from "./summary.ts";
import type { MetricsRecord } from "../train/metrics_log.ts";
import type { ReportData } from "./types.ts";

/** The most points of a curve that a chart draws: more than its pixels can show. */
const CHART_POINTS = 400;

/** The curves of the training, one chart for each metric that the log holds. */
export async function trainingCharts(data: ReportData): Promise<Html | undefined> {
  const steps = thin(data.records.filter((record) => record.metrics !== undefined), CHART_POINTS);
  const measured = (name: string, metric: string, options: Partial<Series> & { readonly scale?: number } = {}) => {
    const { scale = 1, ...rest } = options;
    const points = steps.flatMap(({ epoch, metrics }): [number, number][] => {
      const value = metrics?.[metric];
      return value === undefined || !Number.isFinite(value) ? [] : [[epoch, scale * value]];
    });
    return points.length === 0 ? [] : [{ name, points, ...rest }];
  };
  const checks = data.records.flatMap(({ epoch, evaluation }): [number, number][] =>
    evaluation?.knn === undefined ? [] : [[epoch, 100 * evaluation.knn]]
  );
  const end = Math.max(0, ...data.records.map((record) => record.epoch));
  const level = ({ features, knn }: Result): Series => ({
    name: features,
    comparison: true,
    points: [[0, 100 * knn.top1], [end, 100 * knn.top1]],
  });
  const percentage = { scale: 100 };
  const dictionary = measured("Real", "realKeys", percentage);
  const first = firstLayer(data.records);
  const charts = [
    await chart(
      "Loss",
      "Loss (nats)",
      [
        ...measured("Training loss", "loss"),
        ...measured("Chance", "chance", { comparison: true }),
      ],
      dictionary.length === 0
        ? "It need not fall evenly: every step draws other views."
        : "It may rise at first: the dictionary starts without real keys, and the task hardens as they come.",
    ),
    await chart(
      "Contrast accuracy",
      "Queries that find their key (%)",
      [...measured("Top-1", "accuracy", percentage), ...measured("Top-5", "accuracyTop5", percentage)],
      "This is the pretext task, not the goal. If it is near 100 % while kNN accuracy falls, the views leak.",
    ),
    await chart(
      "kNN accuracy",
      "Top-1 accuracy (%)",
      checks.length === 0
        ? []
        : [{ name: "During training", points: checks, dots: true }, ...data.summary.results.slice(1).map(level)],
      data.knnNote ?? "The baselines' lines are from the final evaluation.",
    ),
    await chart(
      "Learning rate",
      "Learning rate",
      measured("Learning rate", "learningRate"),
      "This is the optimizer's rate at each logged step.",
      { zero: true },
    ),
    await chart(
      "Dictionary",
      "Keys of real images (%)",
      dictionary,
      "The rest are the random keys that the queue starts with, or empty rows of the memory bank.",
      { zero: true },
    ),
    await chart(
      "Spread of the features",
      "Standard deviation × √dimensions",
      measured("Spread", "featureStd"),
      "The queries of a batch have unit length. At 1 they fill the sphere evenly; a fall towards 0 is collapse.",
      { zero: true },
    ),
    await chart(
      "Gradient norm",
      "Euclidean norm",
      [
        ...measured("All parameters", "gradientNorm"),
        ...(first === undefined ? [] : measured(`First layer (${first})`, `${layerNorm}${first}`)),
      ],
      "All that is trained has one norm, and its first layer another. Spikes warn of instability: a ViT's begin there.",
      { zero: true },
    ),
  ].filter((one) => one !== undefined);
  if (charts.length === 0) return undefined;
  return html`
    <section>
      <h2>Training</h2>
      <div class="charts">${charts}</div>
    </section>
  `;
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

async function chart(
  title: string,
  y: string,
  lines: readonly Series[],
  caption: string,
  options: { readonly zero?: boolean } = {},
): Promise<Html | undefined> {
  if (lines.length === 0) return undefined;
  const label = `${title} over epochs. ${lines.map(describe).join(" ")}`;
  return figure(title, label, await lineChart({ x: "Epoch", y, series: lines, ...options }), caption);
}

function describe({ name, points }: Series): string {
  const [first, last] = [points[0], points[points.length - 1]];
  return `${name}: from ${short(first[1])} to ${short(last[1])}.`;
}
