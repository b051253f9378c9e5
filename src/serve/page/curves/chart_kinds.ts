/**
 * The charts of a training: what each of them shows, and how it is read.
 *
 * @module
 */

/** A curve of a chart. */
export type CurveKind = {
  /** The server's name of it. */
  readonly name: string;
  /** What it is called beside the others of its chart; absent for the main one. */
  readonly label?: string;
  /** How it is drawn: dashed to compare with, dots for few values. */
  readonly style: "line" | "dashed" | "dots";
};

/** A chart. */
export type ChartKind = {
  readonly title: string;
  /** What the numbers mean, in a sentence or two. */
  readonly about: string;
  readonly curves: readonly CurveKind[];
  /** Whether its values are shares, which are read as per cent. */
  readonly isShare?: boolean;
  /** Whether a logarithmic axis says more of it where the reader wants one. */
  readonly canBeLog?: boolean;
  /** Whether its axis begins at zero. */
  readonly fromZero?: boolean;
};

const line = (name: string, label?: string): CurveKind => ({
  name,
  style: "line",
  ...label === undefined ? {} : { label },
});

/** The charts that are always shown where a run has their curves. */
export const chartKinds: readonly ChartKind[] = [
  {
    title: "Loss",
    about: "Nats; dashed, the loss of guessing. It may rise at first, while real keys replace random ones.",
    curves: [line("loss"), { name: "chance", label: "guessing", style: "dashed" }],
    canBeLog: true,
  },
  {
    title: "Contrast accuracy",
    about: "How many queries find their key among all candidates. It is the task of the training, not its goal.",
    curves: [line("accuracy")],
    isShare: true,
  },
  {
    title: "kNN accuracy",
    about: "Test images whose nearest training images have their class. Measured where --evaluate-every asks for it.",
    curves: [{ name: "evaluation.knn", style: "dots" }],
    isShare: true,
  },
  {
    title: "Test accuracy",
    about: "Test images that the classifier gets right. Measured where --evaluate-every asks for it.",
    curves: [{ name: "evaluation.top1", style: "dots" }],
    isShare: true,
  },
  {
    title: "Spread of the features",
    about: "Standard deviation of the queries, times √dimensions: 1 fills the sphere, and near 0 they have collapsed.",
    curves: [line("featureStd")],
    fromZero: true,
  },
  {
    title: "Gradient norm",
    about: "Over everything that is trained. A spike warns that the training becomes unstable.",
    curves: [line("gradientNorm")],
    canBeLog: true,
  },
  {
    title: "Parameter norm",
    about: "Over everything that is trained.",
    curves: [line("parameterNorm")],
  },
  {
    title: "Learning rate",
    about: "What the schedule gave each step.",
    curves: [line("learningRate")],
    canBeLog: true,
    fromZero: true,
  },
  {
    title: "Images a second",
    about: "Since the line before, without evaluations and checkpoints.",
    curves: [line("imagesPerSecond")],
    fromZero: true,
  },
  {
    title: "Real keys",
    about: "How much of the dictionary holds keys of images; the rest is what it began with.",
    curves: [line("realKeys")],
    isShare: true,
    fromZero: true,
  },
];

/** The names of the curves that have a place in a chart. */
const placed = new Set(chartKinds.flatMap(({ curves }) => curves.map(({ name }) => name)));

/** Whether a curve is in none of the charts that are always shown. */
export function isOther(name: string): boolean {
  return !placed.has(name);
}

/** A chart of one curve by its name. */
export function chartOf(name: string): ChartKind {
  const style = name.startsWith("evaluation.") ? "dots" : "line";
  return { title: name, about: "As the training's file calls it.", curves: [{ name, style }], canBeLog: true };
}
