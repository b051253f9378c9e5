/**
 * The rules that hold between fields which are right by themselves.
 *
 * @module
 */
import type { Config, ParseOptions } from "./config.ts";
import type { ConfigError } from "./errors.ts";

/** A rule over the fields that it reads. The first one is where a breach is reported. */
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
  return [...rules, ...(data ? [needsPath] : [])].flatMap(({ reads, check }) => {
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
  if (method.shuffle && method.groups === 1) {
    found.push(
      "method.shuffle permutes within one batch-norm group, which changes nothing: set method.groups to 2 or more.",
    );
  }
  if (images !== undefined && method.queue > images / 2) {
    found.push(
      `method.queue (${method.queue}) is more than half of the ${images} images: many negatives will be older views ` +
        "of the query's own image.",
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

function neighbours(queue: number, enqueued: number): string {
  const below = Math.floor(queue / enqueued) * enqueued;
  return below === 0 ? String(enqueued) : `${below} or ${below + enqueued}`;
}
