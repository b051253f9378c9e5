import { assertEquals } from "@std/assert";
import { tableOf } from "../../bench/lightly_training/output.ts";
import type { Point } from "../../bench/lightly_training/types.ts";

const point = (epoch: number, knn: number): Point => ({ epoch, seconds: 90 * epoch, knn, linear: 0.5 });

Deno.test("the table has a line for each library and epoch: the mean over the seeds, and their spread", () => {
  const runs = [
    { library: "A", seed: 0, points: [point(1, 0.3), point(2, 0.4)] },
    { library: "A", seed: 1, points: [point(1, 0.35), point(2, 0.5)] },
    { library: "B", seed: 0, points: [point(2, 0.125)] },
  ];
  assertEquals(tableOf(runs).split("\n"), [
    "| library | epochs | seeds | minutes | kNN | linear |",
    "| --- | --- | --- | --- | --- | --- |",
    "| A | 1 | 2 | 1.5 (1.5 to 1.5) | 32.5 (30.0 to 35.0) % | 50.0 (50.0 to 50.0) % |",
    "| A | 2 | 2 | 3.0 (3.0 to 3.0) | 45.0 (40.0 to 50.0) % | 50.0 (50.0 to 50.0) % |",
    "| B | 2 | 1 | 3.0 | 12.5 % | 50.0 % |",
  ]);
});
