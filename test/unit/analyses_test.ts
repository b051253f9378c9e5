import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { closeGroups, neighboursAround } from "../../src/search/close_pairs.ts";
import { neighbourGraph } from "../../src/search/neighbour_graph.ts";
import { neighbourDistances } from "../../src/search/outliers.ts";
import { type Analyses, analyses } from "../../src/serve/analyses.ts";
import type { Compared } from "../../src/serve/messages.ts";
import { framed } from "../../src/serve/page/server.ts";
import { comparedIn } from "../../src/serve/page/state/compared.ts";
import { groupsOf } from "../../src/serve/page/state/groups.ts";
import type { PlacedVectors } from "../../src/serve/placed_vectors.ts";
import { framedComparison } from "../../src/serve/routes/analyses.ts";
import { unitRows } from "../support/arbitraries.ts";

Deno.test("a comparison that failed says why once, and is begun again by whoever asks next", async () => {
  const ids = Int32Array.of(1, 2, 3, 4);
  const few: PlacedVectors = { ids, values: Float32Array.of(1, 0, 0, 1), dim: 4, rows: ids, placeOf: () => undefined };
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

/** Numbers of a vector. */
const DIM = 4;

/** Unit vectors of which some are nearly, or wholly, those of others. Every third row of the table has none. */
const withCopies = fc.integer({ min: 2, max: 60 }).chain((count) =>
  fc.record({
    originals: unitRows(count, DIM),
    copies: fc.array(
      fc.record({ of: fc.nat(count - 1), noise: unitRows(1, DIM), far: fc.constantFrom(0, 1e-3, 0.1) }),
      {
        maxLength: 60,
      },
    ),
  })
).map(({ originals, copies }): PlacedVectors => {
  const vectors = [
    ...originals,
    ...copies.map(({ of, noise: [noise], far }) => {
      const moved = originals[of].map((value, d) => value + far * noise[d]);
      const length = Math.hypot(...moved);
      return moved.map((value) => value / length);
    }),
  ];
  const rows = Int32Array.from(vectors, (_, place) => place + Math.floor(place / 2));
  const ids = rows.map((row) => row + 1);
  return { ids, rows, values: Float32Array.from(vectors.flat()), dim: DIM, placeOf: (id) => ids.indexOf(id) };
});

/** What the page reads of the server's comparison. */
async function asThePageReads(
  { neighbours }: Analyses,
  vectors: PlacedVectors,
  count: number,
): Promise<Compared> {
  for (;;) {
    const found = neighbours("toy", vectors);
    if (found._tag === "Done") {
      const answer = framedComparison(found.result, vectors, { images: { length: count } });
      return comparedIn(framed(await answer.arrayBuffer()));
    }
    assert(found._tag === "Running");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("groups on the page are those of the command at any share, and so are the distances of outliers", async () => {
  const computed = analyses();
  try {
    await fc.assert(fc.asyncProperty(withCopies, async (vectors) => {
      const { rows } = vectors;
      const images = rows.at(-1)! + 1;
      const compared = await asThePageReads(computed, vectors, images);
      const graph = await neighbourGraph(vectors, neighboursAround(rows.length));
      // A share that a pair has is where the two would part if they rounded differently.
      const ofPairs = compared.shares.filter((share) => share > 0).slice(0, 5);
      for (const within of [0.01, 0.3, 0.6, 0.95, ...ofPairs]) {
        const groups = groupsOf(compared, within, images);
        const found = groups.map((group) => group.rows).toSorted(([a], [b]) => a - b);
        assertEquals(found, closeGroups(graph, within).map((group) => group.map((place) => rows[place])));
        assertEquals(
          groups.map(({ similarity }) => similarity).toSorted((a, b) => b - a),
          groups.map((g) => g.similarity),
        );
      }
      const k = Math.min(20, rows.length - 1);
      const expected = new Float64Array(images).fill(NaN);
      neighbourDistances(await neighbourGraph(vectors, k)).forEach((distance, place) =>
        expected[rows[place]] = distance
      );
      assertEquals([...compared.distances], [...expected]);
    }));
  } finally {
    computed.close();
  }
});
