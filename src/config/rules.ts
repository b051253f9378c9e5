/**
 * The rules that hold between fields which are right by themselves.
 *
 * @module
 */
import type { Condition } from "./decode.ts";
import { type ConfigError, describe } from "./errors.ts";
import { fallbackOf, fieldsByPath, isRead } from "./reading.ts";
import type { Config, ParseOptions } from "./types.ts";

/**
 * A rule over the fields that it reads; it holds where one of them is not read. The first one is where a breach is
 * reported.
 */
type Rule = {
  readonly reads: readonly [string, ...string[]];
  readonly check: (config: Config) => Pick<ConfigError, "expected" | "found"> | undefined;
};

/** The least view of each stem: every further halving would leave less than one pixel. */
const leastSize = { small: 8, imagenet: 32 } as const;

const rules: readonly Rule[] = [
  {
    reads: ["method.queue", "method.symmetric", "training.batch"],
    check: ({ method: { queue, symmetric }, training: { batch } }) => {
      const enqueued = symmetric ? 2 * batch : batch;
      const twice = symmetric ? " x 2, method.symmetric being true" : "";
      return queue % enqueued === 0 ? undefined : {
        expected: `a multiple of the ${enqueued} keys that a step enqueues (training.batch${twice})`,
        found: `${queue}; ${neighbours(queue, enqueued)} would do`,
      };
    },
  },
  {
    reads: ["method.groups", "training.batch"],
    check: ({ method: { groups }, training: { batch } }) =>
      batch % groups === 0 ? undefined : {
        expected: `a divisor of training.batch (${batch}), so that the groups are equal`,
        found: String(groups),
      },
  },
  {
    reads: ["optimizer.warmupEpochs", "training.epochs"],
    check: ({ optimizer: { warmupEpochs }, training: { epochs } }) =>
      warmupEpochs < epochs
        ? undefined
        : { expected: `fewer than training.epochs (${epochs})`, found: String(warmupEpochs) },
  },
  {
    reads: ["optimizer.milestones"],
    check: ({ optimizer: { milestones } }) =>
      milestones.every((epoch, i) => i === 0 || milestones[i - 1] < epoch)
        ? undefined
        : { expected: "epochs in ascending order", found: JSON.stringify(milestones) },
  },
  {
    reads: ["augment.size", "encoder.stem"],
    check: ({ augment: { size }, encoder: { stem } }) =>
      size >= leastSize[stem]
        ? undefined
        : { expected: `at least ${leastSize[stem]} pixels with the stem "${stem}"`, found: String(size) },
  },
  {
    reads: ["augment.size", "encoder.patch"],
    check: ({ augment: { size }, encoder: { patch } }) => wholePatches(size, patch),
  },
  {
    reads: ["augment.evaluationSize", "augment.size", "encoder.patch", "encoder.position"],
    check: ({ augment: { size, evaluationSize = size }, encoder: { patch, position } }) =>
      position === "none" ? wholePatches(evaluationSize, patch) : evaluationSize === size ? undefined : {
        expected: `augment.size (${size}), for the positions are those of its patches`,
        found: String(evaluationSize),
      },
  },
  {
    reads: ["encoder.evaluationGrid", "encoder.stem", "encoder.stemStride", "augment.size", "augment.evaluationSize"],
    check: ({ encoder: { evaluationGrid, stem, stemStride }, augment: { size, evaluationSize = size } }) => {
      const map = Math.ceil(evaluationSize / (8 * (stem === "small" ? stemStride : 4)));
      return evaluationGrid <= map ? undefined : {
        expected: `at most ${map}, the height and width of the last map of images of ${evaluationSize} pixels`,
        found: String(evaluationGrid),
      };
    },
  },
  {
    reads: ["encoder.patch", "encoder.patchStem"],
    check: ({ encoder: { patch, patchStem } }) =>
      patchStem !== "conv" || (patch > 1 && Number.isInteger(Math.log2(patch))) ? undefined : {
        expected: 'a power of two from 2 on, for encoder.patchStem "conv" halves the image down to its patches',
        found: String(patch),
      },
  },
  {
    reads: ["encoder.channels", "encoder.patch", "encoder.patchStem"],
    check: ({ encoder: { channels, patch, patchStem } }) =>
      patchStem !== "conv" || !Number.isInteger(Math.log2(patch)) || channels % (patch / 2) === 0 ? undefined : {
        expected: `a multiple of ${patch / 2}, for the channels of encoder.patchStem "conv" double with each halving`,
        found: String(channels),
      },
  },
  {
    reads: ["encoder.channels", "encoder.heads"],
    check: ({ encoder: { channels, heads } }) =>
      channels % heads === 0
        ? undefined
        : { expected: `a multiple of encoder.heads (${heads})`, found: String(channels) },
  },
  {
    reads: ["encoder.channels", "encoder.position"],
    check: ({ encoder: { channels, position } }) =>
      position !== "sin-cos" || channels % 4 === 0
        ? undefined
        : { expected: 'a multiple of 4, for encoder.position "sin-cos"', found: String(channels) },
  },
  {
    reads: ["encoder.depth", "encoder.patchStem"],
    check: ({ encoder: { depth, patchStem } }) =>
      patchStem !== "conv" || depth > 1
        ? undefined
        : { expected: '2 blocks or more, for encoder.patchStem "conv" takes the place of one', found: String(depth) },
  },
  {
    reads: ["training.precision", "training.jit"],
    check: ({ training: { precision, jit } }) =>
      precision === "float32" || jit ? undefined : {
        expected: '"float32" where training.jit is false, for it is the compiler that chooses bfloat16',
        found: '"bfloat16"',
      },
  },
];

const needsPath: Rule = {
  reads: ["data.path", "data.name"],
  check: ({ data: { name, path } }) =>
    path !== undefined || name === "fashion-mnist" || name === "mnist" ? undefined : {
      expected: `where the ${name === "folder" ? "images" : `${name} files`} are`,
      found: "nothing",
    },
};

/** A field that is not read must not say anything: nobody would hear it. */
const unheard: readonly Rule[] = fieldsByPath.flatMap(([path, { readWhere }]): readonly Rule[] =>
  readWhere === undefined ? [] : [{
    reads: [path, ...Object.keys(readWhere)],
    check: (config) => {
      const [value, silent] = [valueAt(path, config), fallbackOf(path, config)];
      return isRead(path, config) || value === silent ? undefined : {
        expected: `its default (${describe(silent)}), for it is read with ${inWords(readWhere)} only`,
        found: describe(value),
      };
    },
  }]
);

function valueAt(path: string, config: Config): unknown {
  const [section, name] = path.split(".");
  return (config[section as keyof Config] as Readonly<Record<string, unknown>>)[name];
}

function inWords(condition: Condition): string {
  return Object.entries(condition).map(([path, names]) => `${path} ${names.join(" or ")}`).join(" and ");
}

function wholePatches(size: number, patch: number): Pick<ConfigError, "expected" | "found"> | undefined {
  return size % patch === 0 ? undefined : {
    expected: `whole patches of encoder.patch (${patch}) pixels`,
    found: `${size}; ${neighbours(size, patch)} would do`,
  };
}

/**
 * Every rule that a configuration breaks, as faults.
 *
 * @param config The configuration.
 * @param options What it is wanted for.
 * @param faulty Paths of fields whose values are faulty by themselves: rules that read one are left out.
 */
export function conflicts(
  config: Config,
  { data = true }: ParseOptions = {},
  faulty: readonly string[] = [],
): readonly ConfigError[] {
  const isFaulty = (path: string) =>
    faulty.some((fault) => fault === path || path.startsWith(`${fault}.`) || fault.startsWith(`${path}.`));
  const applying = rules.filter(({ reads }) => reads.every((path) => isRead(path, config)));
  return [...applying, ...unheard, ...(data ? [needsPath] : [])].flatMap(({ reads, check }) => {
    const broken = reads.some(isFaulty) ? undefined : check(config);
    return broken === undefined ? [] : [{ _tag: "Conflict" as const, path: reads[0], ...broken }];
  });
}

/**
 * What is allowed but seldom meant, one sentence each.
 *
 * @param config The configuration.
 * @param images The number of images, where it is known.
 */
export function warnings(config: Config, images?: number): readonly string[] {
  const { method, optimizer, training } = config;
  const found: string[] = [];
  if (isRead("method.shuffle", config) && method.shuffle && method.groups === 1) {
    found.push(
      "method.shuffle permutes within one batch-norm group, which changes nothing: set method.groups to 2 or more.",
    );
  }
  if (isRead("method.queue", config) && images !== undefined && method.queue > images / 2) {
    found.push(
      `method.queue (${method.queue}) is more than half of the ${images} images: many negatives will be older views ` +
        "of the query's own image.",
    );
  }
  if (isRead("method.negatives", config) && images !== undefined && method.negatives > images) {
    found.push(
      `method.negatives (${method.negatives}) are more than the ${images} images: most keys are sampled several times.`,
    );
  }
  if (optimizer.schedule === "step" && optimizer.milestones.every((epoch) => epoch >= training.epochs)) {
    found.push(
      `optimizer.milestones [${optimizer.milestones.join(", ")}] lie after the last epoch (${training.epochs}): the ` +
        "learning rate never drops.",
    );
  }
  return found;
}

/** The multiples next to a value. */
function neighbours(value: number, unit: number): string {
  const below = Math.floor(value / unit) * unit;
  return below === 0 ? String(unit) : `${below} or ${below + unit}`;
}
