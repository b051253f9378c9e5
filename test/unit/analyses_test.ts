import { assertEquals } from "@std/assert";
import { analyses } from "../../src/serve/analyses.ts";
import type { PlacedVectors } from "../../src/serve/placed_vectors.ts";

Deno.test("a comparison that failed says why once, and is begun again by whoever asks next", async () => {
  const ids = Int32Array.of(1, 2, 3, 4);
  const few: PlacedVectors = { ids, values: Float32Array.of(1, 0, 0, 1), dim: 2, rows: ids, placeOf: () => undefined };
  const { neighbours, close } = analyses();
  try {
    for (let time = 0; time < 2; time++) {
      assertEquals(neighbours("toy", few)._tag, "Running");
      let found = neighbours("toy", few);
      for (; found._tag === "Running"; found = neighbours("toy", few)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assertEquals(found._tag, "Failed");
    }
  } finally {
    close();
  }
});
