import { assertEquals, assertStringIncludes } from "@std/assert";
import { noAlarms, observe } from "../../src/train/alarms.ts";

/** What differs from a good reading: metrics, and `knn` where there was an evaluation. */
type Reading = Readonly<Record<string, number>>;

/** What is said of some readings, one every ten steps of epochs of 50. */
function said(readings: readonly Reading[]): readonly string[] {
  let alarms = noAlarms;
  return readings.flatMap(({ knn, waiting = 0.1, ...metrics }, i) => {
    const usual = { loss: 5, chance: 8, accuracy: 0.5, featureStd: 0.9, gradientNorm: 1 };
    const seen = observe(alarms, {
      step: 10 * (i + 1),
      perEpoch: 50,
      waiting,
      metrics: { ...usual, ...metrics },
      ...knn === undefined ? {} : { knn },
    });
    alarms = seen.alarms;
    return seen.texts;
  });
}

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

Deno.test("a training that goes well raises no alarm", () => {
  const good = { gradientNorm: 3, knn: 0.6, identicalViews: 0.1, identicalImages: 0.05 };
  assertEquals(said([...times(9, { loss: 8, chance: 8 }), ...times(50, good)]), []);
});

Deno.test("while a dictionary is being filled, guessing and the first gradients raise no alarm", () => {
  const filling = { loss: 8, chance: 8, gradientNorm: 0, realKeys: 0.5 };
  assertEquals(said([...times(50, filling), ...times(50, { realKeys: 1 })]), []);
});

Deno.test("each alarm has its limit: what is as much as that is good, and what is more is not", () => {
  const cases: readonly (readonly [good: readonly Reading[], bad: readonly Reading[]])[] = [
    [[{ featureStd: 0.01 }], [{ featureStd: 0.0099 }]],
    [times(12, { loss: 7.83 }), times(12, { loss: 7.85 })], // 2 % of the loss of guessing, which is 8
    [times(11, { loss: 8, realKeys: 0.98 }), times(11, { loss: 8, realKeys: 0.99 })],
    [times(10, { loss: 8 }), times(11, { loss: 8 })], // 100 steps
    [times(12, { waiting: 0.5 }), times(12, { waiting: 0.51 })],
    [times(9, { waiting: 0.51 }), times(10, { waiting: 0.51 })],
    [[{ knn: 0.7 }, { accuracy: 0.95, knn: 0.6 }], [{ knn: 0.7 }, { accuracy: 0.951, knn: 0.6 }]],
    [[{ knn: 0.7 }, { accuracy: 1, knn: 0.685 }], [{ knn: 0.7 }, { accuracy: 1, knn: 0.675 }]],
    [[...times(20, {}), { gradientNorm: 20 }], [...times(20, {}), { gradientNorm: 20.1 }]],
    [[...times(19, {}), { gradientNorm: 21 }], [...times(20, {}), { gradientNorm: 21 }]],
    [[{ identicalViews: 0.5 }], [{ identicalViews: 0.51 }]],
    [[{ identicalImages: 0.25 }], [{ identicalImages: 0.26 }]],
  ];
  for (const [good, bad] of cases) {
    assertEquals([said(good).length, said(bad).length], [0, 1], JSON.stringify([good.at(-1), bad.at(-1)]));
  }
});

Deno.test("what is usual of a gradient follows it slowly: nine tenths stay at each reading", () => {
  // From 1, ten readings of 2 make 2 - 0.9^10 = 1.65 usual, of which 20 times are 33.0.
  const norms = (last: number) => [...times(20, {}), ...times(10, { gradientNorm: 2 }), { gradientNorm: last }];
  assertEquals([said(norms(32.9)).length, said(norms(33.1)).length], [0, 1]);
});

Deno.test("each thing that goes wrong is said once, in words, with what to try", () => {
  const cases: readonly (readonly [readonly Reading[], string])[] = [
    [times(3, { featureStd: 3e-8 }), "Alarm at step 10: the features have collapsed"],
    [times(30, { loss: 8.05 }), "Alarm at step 110: for 100 steps the loss (8.050) has been that of guessing (8.000)"],
    [times(12, { waiting: 0.8 }), "Alarm at step 100: 80.0 % of the time goes by waiting for images"],
    [[{ knn: 0.7 }, ...times(3, { accuracy: 0.999, knn: 0.6 })], "kNN accuracy has fallen from 70.0 % to 60.0 %"],
    [[...times(20, {}), ...times(3, { gradientNorm: 30 })], "gradientNorm is 30.0, 30 times what is usual"],
    [times(3, { identicalViews: 1 }), "Alarm at step 10: 100.0 % of the images have two views that are the same"],
    [times(3, { identicalImages: 0.4 }), "Alarm at step 10: 40.0 % of the images of a batch equal another one in it"],
  ];
  for (const [readings, text] of cases) {
    const texts = said(readings);
    assertEquals(texts.length, 1);
    assertStringIncludes(texts[0], text);
    assertStringIncludes(texts[0], "Try ");
  }
});
