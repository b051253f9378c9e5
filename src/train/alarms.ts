/**
 * What goes wrong in a training without an error: found in its numbers, and said once, with what to try.
 *
 * @module
 */
import { percent } from "../core/percent.ts";

/** An observation of a training: what a step measured, and what an evaluation after it found. */
export type Observation = {
  /** Steps taken so far. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly perEpoch: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The kNN accuracy, a share. */
  readonly knn?: number;
  /** The share of the time that was spent waiting for images. */
  readonly waiting?: number;
};

/** What is known so far. */
export type Alarms = {
  /** What was said already. */
  readonly said: readonly Alarm["name"][];
  /** The first step of those at which the loss has not left that of guessing. */
  readonly guessingSince?: number;
  /** The usual norms of gradients by name: means that forget, over so many readings. */
  readonly usual: Readonly<Record<string, number>>;
  readonly readings: number;
  /** The best kNN accuracy. */
  readonly bestKnn?: number;
};

type Alarm = {
  readonly name: "collapse" | "guessing" | "leak" | "spike" | "starving" | "same views" | "same images";
  /** What is wrong, in words; false where nothing is. A metric that is absent compares as false. */
  readonly text: (before: Alarms, seen: Observation) => string | false;
};

/** Nothing is known. */
export const noAlarms: Alarms = { said: [], usual: {}, readings: 0 };

/** Features that are spread less than this have collapsed; 1 fills the sphere. */
const collapsed = 0.01;

/** A loss that differs from that of guessing by less than this share is that of guessing. */
const nearChance = 0.02;

/** Steps of guessing, beside an epoch of them, that a training may take to begin to learn. */
const patience = 100;

/** A dictionary with a smaller share of real keys says nothing yet of what is learned. */
const filled = 0.99;

/** Above this share of found keys, contrast is too easy. */
const easy = 0.95;

/** How far kNN accuracy must fall below its best. */
const fall = 0.02;

/** Above this share of images whose two views are the same, the augmentation does not do its work. */
const sameViews = 0.5;

/** Above this share of images that equal another one of their batch, too many keys are wrongly taken for negatives. */
const sameImages = 0.25;

/** A gradient so many times its usual norm is a spike. */
const spike = 20;

/** Readings of the norms before anything is usual, and how much of the mean each later one is. */
const [settled, share] = [20, 0.1];

/** A share of waiting above which the images, and not the steps, decide how long a training takes. */
const starving = 0.5;

const alarms: readonly Alarm[] = [
  {
    name: "starving",
    text: (_, { step, waiting = 0 }) =>
      step >= patience && waiting > starving &&
      `${percent(waiting)} of the time goes by waiting for images. ` +
        "Try --cache for large photographs, a faster disk, or a larger encoder for the same time",
  },
  {
    name: "collapse",
    text: (_, { metrics: { featureStd } }) =>
      featureStd < collapsed &&
      "the features have collapsed: every image has nearly the same ones " +
        `(their spread is ${featureStd.toPrecision(2)}; 1 fills the sphere). ` +
        "Try a lower --learning-rate, fewer --groups or a larger --batch",
  },
  {
    name: "guessing",
    text: ({ guessingSince = Infinity }, { step, perEpoch, metrics: { loss, chance } }) =>
      step - guessingSince >= Math.max(perEpoch, patience) &&
      `for ${step - guessingSince} steps the loss (${loss.toFixed(3)}) has been ` +
        `that of guessing (${chance.toFixed(3)}): nothing is learned. ` +
        "Try another --learning-rate, and look at the views with moco augment",
  },
  {
    name: "leak",
    text: ({ bestKnn = -Infinity }, { metrics: { accuracy }, knn = Infinity }) =>
      accuracy > easy && knn <= bestKnn - fall &&
      `${percent(accuracy)} of the queries find their key, while kNN accuracy has fallen from ` +
        `${percent(bestKnn)} to ${percent(knn)}: ` +
        "the task is solved by a leak through batch norm, or the views are too alike. " +
        "Try more --groups with --shuffle, or a stronger augmentation",
  },
  {
    name: "same views",
    text: (_, { metrics: { identicalViews } }) =>
      identicalViews > sameViews &&
      `${percent(identicalViews)} of the images have two views that are the same, pixel for pixel: ` +
        "nothing is learned from them. Try a stronger augmentation, and look at the views with moco augment",
  },
  {
    name: "same images",
    text: (_, { metrics: { identicalImages } }) =>
      identicalImages > sameImages &&
      `${percent(identicalImages)} of the images of a batch equal another one in it, ` +
        "and the same image counts as a negative of itself. Try to remove copies from the data",
  },
  {
    name: "spike",
    text: ({ usual, readings }, { metrics }) => {
      if (readings < settled) return false;
      const found = Object.keys(usual).find((name) => metrics[name] > spike * usual[name]);
      if (found === undefined) return false;
      const times = (metrics[found] / usual[found]).toFixed(0);
      return `${found} is ${metrics[found].toPrecision(3)}, ${times} times what is usual: the training is unstable. ` +
        "Try a lower --learning-rate, a warm-up, --clip-norm, or a frozen patch projection";
    },
  },
];

/**
 * What an observation adds to what is known of a training, and the alarms that it raises.
 *
 * @param before What is known before.
 * @param seen The observation.
 */
export function observe(
  before: Alarms,
  seen: Observation,
): { readonly alarms: Alarms; readonly texts: readonly string[] } {
  const { step, metrics, knn } = seen;
  const known = { ...before, ...guessing(before, seen) };
  const found = alarms.filter(({ name }) => !before.said.includes(name)).flatMap((alarm) => {
    const text = alarm.text(known, seen);
    return text === false ? [] : [{ name: alarm.name, text: `Alarm at step ${step}: ${text}.` }];
  });
  const norms = isFilled(metrics) ? Object.entries(metrics).filter(([name]) => name.startsWith("gradientNorm")) : [];
  const usual = norms.map(([name, norm]) => [name, mean(before.usual[name], norm)] as const);
  const best = Math.max(before.bestKnn ?? -Infinity, knn ?? -Infinity);
  return {
    texts: found.map(({ text }) => text),
    alarms: {
      ...known,
      said: [...before.said, ...found.map(({ name }) => name)],
      usual: Object.fromEntries(usual),
      readings: before.readings + (norms.length > 0 ? 1 : 0),
      ...best === -Infinity ? {} : { bestKnn: best },
    },
  };
}

function guessing(
  { guessingSince }: Alarms,
  { step, metrics }: Observation,
): Pick<Alarms, "guessingSince"> {
  const { loss, chance } = metrics;
  const guesses = isFilled(metrics) && chance !== undefined && Math.abs(loss - chance) <= nearChance * chance;
  return { guessingSince: guesses ? guessingSince ?? step : undefined };
}

function isFilled({ realKeys = 1 }: Observation["metrics"]): boolean {
  return realKeys >= filled;
}

function mean(usual: number | undefined, norm: number): number {
  return usual === undefined ? norm : (1 - share) * usual + share * norm;
}
