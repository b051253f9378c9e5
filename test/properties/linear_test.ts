import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { softmaxRegression } from "../../reference/linear.ts";
import { sgd } from "../../reference/sgd.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { foldIn, key, normal } from "../../src/core/random.ts";
import { tf } from "../../src/engine/mod.ts";
import { type LinearOptions, linearProbe, type LinearResult } from "../../src/evaluate/linear.ts";
import { matrices, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

type Problem = {
  readonly train: number[][];
  readonly labels: number[];
  readonly test: number[][];
  readonly classes: number;
  readonly seed: number;
};

const problems: fc.Arbitrary<Problem> = fc.record({
  count: sizes(4, 12),
  dimension: sizes(1, 4),
  classes: sizes(2, 6),
  seed: seeds,
}).chain(({ count, dimension, classes, seed }) =>
  fc.record({
    train: matrices(count, dimension),
    labels: fc.array(fc.nat(classes - 1), { minLength: count, maxLength: count }),
    test: matrices(3, dimension),
    classes: fc.constant(classes),
    seed: fc.constant(seed),
  })
);

async function run(problem: Problem, options: LinearOptions, testLabels = [0, 0, 0]): Promise<LinearResult> {
  const train = { features: tf.tensor2d(problem.train), labels: problem.labels };
  const test = { features: tf.tensor2d(problem.test), labels: testLabels };
  const { classes, seed } = problem;
  const result = await linearProbe(train, test, { classes, seed, ...options });
  dispose({ train: train.features, test: test.features });
  return result;
}

/** Full-batch training by the reference's gradient and SGD; the factors are the schedule's, one for each epoch. */
function reference(problem: Problem, train: number[][], rate: number, decay: number, factors: readonly number[]) {
  const dimension = train[0].length;
  const { classes } = problem;
  const init = scope(() =>
    normal(foldIn(key(problem.seed), 1), [dimension, classes], 0, 0.01).arraySync()
  ) as number[][];
  let parameters = [...init.flat(), ...new Array<number>(classes).fill(0)];
  let velocity = parameters.map(() => 0);
  const losses: number[] = [];
  for (const factor of factors) {
    const weight = init.map((_, d) => parameters.slice(d * classes, (d + 1) * classes));
    const at = softmaxRegression(train, problem.labels, weight, parameters.slice(dimension * classes));
    losses.push(at.loss);
    ({ parameters, velocity } = sgd(parameters, velocity, [...at.weight.flat(), ...at.bias], {
      learningRate: rate * factor,
      momentum: 0.9,
      weightDecay: decay,
    }));
  }
  return losses;
}

const epochs = 10;
const schedules = {
  cosine: Array.from({ length: epochs }, (_, epoch) => 0.5 * (1 + Math.cos(Math.PI * epoch / epochs))),
  step: Array.from({ length: epochs }, (_, epoch) => epoch < 6 ? 1 : epoch < 8 ? 0.1 : 0.01),
};

/** The loss is read after up to ten dependent steps: gradients' tolerance, not one reduction's. */
const closeness = "gradient";

Deno.test("the linear probe on whole batches follows the reference's gradient, momentum, decay and schedules", async () => {
  await fc.assert(
    fc.asyncProperty(problems, fc.constantFrom("cosine" as const, "step" as const), async (problem, schedule) => {
      const options = { schedule, epochs, learningRate: 0.3, weightDecay: 0.01, standardize: false };
      const { losses } = await run(problem, options);
      assertClose(losses, reference(problem, problem.train, 0.3, 0.01, schedules[schedule]), closeness);
    }),
    { numRuns: 12 },
  );
});

Deno.test("standardisation is mean 0 and variance 1 over the training samples", async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const columns = problem.train[0].map((_, d) => problem.train.map((row) => row[d]));
      const moments = columns.map((column) => {
        const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
        return { mean, variance: column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length };
      });
      const train = problem.train.map((row) =>
        row.map((value, d) => (value - moments[d].mean) / Math.sqrt(moments[d].variance + 1e-5))
      );
      const { losses } = await run(problem, { epochs, learningRate: 0.3 });
      assertClose(losses, reference(problem, train, 0.3, 0, schedules.cosine), closeness);
    }),
    { numRuns: 8 },
  );
});

Deno.test("an epoch passes over every sample once", async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      // At so small a rate the head stands still, and the mean of the batches' losses is the loss of all samples.
      const { losses } = await run(problem, { epochs: 2, batch: 1, learningRate: 1e-9, standardize: false });
      assertClose(losses, reference(problem, problem.train, 0, 0, [1, 1]), "reduction");
    }),
    { numRuns: 5 },
  );
});

Deno.test("choosing among learning rates trains the same head as being given the chosen one", async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const { selection, ...chosen } = await run(problem, { epochs: 4, batch: 3, learningRate: [0.01, 0.5] });
      assertEquals(selection?.map((one) => one.learningRate), [0.01, 0.5]);
      assertEquals(await run(problem, { epochs: 4, batch: 3, learningRate: chosen.learningRate }), chosen);
    }),
    { numRuns: 5 },
  );
});

Deno.test("test labels have no say in what the head predicts or which learning rate it gets", async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const options = { epochs: 4, learningRate: [0.01, 0.5] };
      const [one, other] = [await run(problem, options, [0, 0, 0]), await run(problem, options, [1, 0, 1])];
      assertEquals([other.predictions, other.selection, other.losses], [one.predictions, one.selection, one.losses]);
    }),
    { numRuns: 4 },
  );
});

Deno.test("the layer that a probe gives makes its predictions of features as they are, standardised in training or not", async () => {
  const apart = problems.filter(({ train }) => train.some((row) => row.some((value) => Math.abs(value) > 0.5)));
  await fc.assert(
    fc.asyncProperty(apart, fc.boolean(), async (problem, standardize) => {
      const { head, predictions } = await run(problem, { epochs: 3, learningRate: 0.1, standardize });
      const { classes, test } = problem;
      test.forEach((row, sample) => {
        const logits = Array.from(
          { length: classes },
          (_, c) => row.reduce((sum, value, d) => sum + value * head.weight[d * classes + c], head.bias[c]),
        );
        // Equal logits but for rounding may be ranked either way.
        const greatest = Math.max(...logits);
        const found = logits[predictions[sample]];
        assertClose(found, greatest, { relative: 1e-4, absolute: 1e-4 });
      });
    }),
    { numRuns: 20 },
  );
});
