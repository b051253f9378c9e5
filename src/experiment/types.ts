/**
 * An experiment as data: what is varied, what is measured, what is drawn, and what the paper found.
 *
 * @module
 */
import type { PartialConfig } from "../config/types.ts";
import type { MeasureName } from "./measures.ts";

/**
 * How large an experiment is: minutes, for CI; some 20 to 40 minutes on two cores; colour photographs, CIFAR-10, in
 * hours to days on two cores; the paper's settings.
 */
export type Scale = "smoke" | "laptop" | "cifar" | "paper";

/** Something for each scale. */
export type ByScale<A> = Readonly<Record<Scale, A>>;

/** The scales, the smallest first. */
export const scales: readonly Scale[] = ["smoke", "laptop", "cifar", "paper"];

/** Some labels of each axis, by the axis' name. */
export type Labels = Readonly<Record<string, readonly string[]>>;

/** What every cell of an experiment begins with at a scale. */
export type ScaleOptions = {
  /** The name of the preset that the configuration starts from. */
  readonly preset: string;
  /** What differs from it. */
  readonly config?: PartialConfig;
  /** How often each cell is repeated, with seeds 0, 1 and so on. */
  readonly seeds: number;
};

/** One value of an axis. */
export type Variant = {
  /** How tables and figures call it. */
  readonly label: string;
  /** The values of the axes before its own that it is combined with; all of them if absent. */
  readonly with?: Labels;
  /** The scales that have it; all of them if absent. */
  readonly at?: readonly Scale[];
  /** The preset that it starts from, where it is not the scale's. */
  readonly preset?: ByScale<string>;
  /** What it changes, over preset and scale. */
  readonly config?: PartialConfig;
};

/** What is varied. */
export type Axis = {
  /** How tables and figures call it. */
  readonly name: string;
  readonly variants: readonly Variant[];
};

/** A figure over the values of an axis: of final measures. */
export type AxisFigure = {
  readonly kind: "line" | "bars";
  readonly title: string;
  /** The axis, by name. Each combination of the others is a series of its own. */
  readonly axis: string;
  readonly measures: readonly MeasureName[];
  /** The values of the other axes that are drawn; all of them if absent. */
  readonly with?: Labels;
};

/** A figure over the training: of what the runs logged. */
export type CurvesFigure = {
  readonly kind: "curves";
  readonly title: string;
  readonly over: "step" | "epoch";
  /** Title of the vertical axis. Shares are drawn as percentages where it ends with "(%)". */
  readonly y: string;
  /**
   * The metric or evaluation: a name in the run's log, or the prefix of several dotted names, whose Euclidean norm is
   * meant. If this is a list, the first one that a run has counts.
   */
  readonly of: readonly string[];
  readonly log?: boolean;
};

/** A figure of an experiment. */
export type FigureSpec = AxisFigure | CurvesFigure;

/** What the paper reports, as data. */
export type Paper = {
  /** The paper, and where in it. */
  readonly source: string;
  /** What it found, in a sentence. */
  readonly finding: string;
  readonly header: readonly string[];
  /** The first field is a label. Numbers are drawn, texts are not. */
  readonly rows: readonly (readonly (string | number)[])[];
};

/** An experiment. Its cells are all combinations of the axes' values that go together, with each seed. */
export type Experiment = {
  readonly title: string;
  /** What is asked, in a sentence. */
  readonly question: string;
  readonly paper: Paper;
  readonly scales: ByScale<ScaleOptions>;
  readonly axes: readonly Axis[];
  /**
   * The label of each axis' value in the combination that the others are compared with. The table has their differences
   * from it in the first measure, which is a share.
   */
  readonly reference?: Readonly<Record<string, string>>;
  /** The columns of the table. */
  readonly measures: readonly MeasureName[];
  readonly figures: readonly FigureSpec[];
};
