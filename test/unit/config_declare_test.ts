import { assertEquals } from "@std/assert";
import type { Field, Fields, Kind, Tagged, Values } from "../../src/core/declare.ts";
import { inWords } from "../../src/core/in_words.ts";
import { recordSchema, taggedSchema } from "../../src/core/schema.ts";

/** A field of a kind, as it is declared. */
const declared = (kind: Kind): Field => ({ ...kind, about: "a field" });

/** Whether a field of a kind takes each of some values. */
function taken(kind: Kind, values: readonly unknown[]): readonly boolean[] {
  const schema = recordSchema({ x: declared(kind) });
  return values.map((x) => schema.safeParse({ x }).success);
}

Deno.test("fields take what they say, bounds included, and refuse the rest", () => {
  assertEquals(taken({ is: "number", min: 0, max: 1 }, [0, 0.5, 1, -0.1, 1.1, NaN, Infinity, "1", null]), [
    ...[true, true, true],
    ...[false, false, false, false, false, false],
  ]);
  assertEquals(taken({ is: "number", above: 0 }, [0, 1e-9, 5, -1]), [false, true, true, false]);
  assertEquals(taken({ is: "number", min: 0, below: 1 }, [0, 0.99, 1]), [true, true, false]);
  assertEquals(taken({ is: "integer", min: 1 }, [1, 1.5, 2 ** 60]), [true, false, false]);
  assertEquals(taken({ is: "range" }, [[1, 2], [2, 1], [1], [1, "2"], [1, 2, 3]]), [true, false, false, false, false]);
  assertEquals(taken({ is: "list", above: 0 }, [[], [1, 2], [1, 0], 1]), [true, true, false, false]);
  assertEquals(taken({ is: "text" }, ["", "a", 1]), [false, true, false]);
  assertEquals(taken({ is: "boolean" }, [true, "true", 1]), [true, false, false]);
  assertEquals(taken({ is: "choice", of: [1, 2] }, [1, 3, "1"]), [true, false, false]);
});

Deno.test("what a field takes is said in words", () => {
  const words = (kind: Kind) => inWords(declared(kind));
  assertEquals(words({ is: "number", min: 0, max: 1 }), "a number in [0, 1]");
  assertEquals(words({ is: "number", above: 0, max: 8 }), "a number greater than 0 and at most 8");
  assertEquals(words({ is: "number", min: 0, below: 1 }), "a number of at least 0 and below 1");
  assertEquals(words({ is: "integer", min: 1 }), "a whole number of at least 1");
  assertEquals(words({ is: "number", max: 3 }), "a number of at most 3");
  assertEquals(words({ is: "number", below: 3 }), "a number below 3");
  assertEquals(words({ is: "number" }), "a number");
  assertEquals(words({ is: "choice", of: ["a", "b"] }), '"a" or "b"');
  assertEquals(words({ is: "range", above: 0 }), "two numbers greater than 0 in ascending order, as [0.2, 1]");
});

const shape = {
  sides: { is: "integer", min: 3, default: 4, about: "sides" },
  label: { is: "text", about: "a label" },
  edge: { is: "group", title: "Edge", fields: { width: { is: "number", default: 1, about: "its width" } } },
} as const satisfies Fields;

Deno.test("absent fields take their defaults, a group's too, and what has none stays absent", () => {
  const parsed = recordSchema(shape).safeParse({});
  const expected: Values<typeof shape> = { sides: 4, edge: { width: 1 } };
  assertEquals(parsed.data, expected);
  const paths = (value: unknown) =>
    recordSchema(shape).safeParse(value).error?.issues.map(({ path }) => path.join("."));
  assertEquals(paths({ sides: 2, label: "", edge: { width: "a" } }), ["sides", "label", "edge.width"]);
  assertEquals(paths({ edge: { colour: 1 } }), ["edge"]);
});

Deno.test("of several variants the one that is named says what else there may be", () => {
  const variant = (fields: Fields) => ({ about: "it", title: () => "it", load: () => Promise.resolve(), fields });
  const variants = {
    square: { ...variant({}), fields: { side: { is: "number", default: 1, about: "its side" } } },
    circle: { ...variant({}), fields: { radius: { is: "number", default: 2, about: "its radius" } } },
  } as const;
  const schema = taggedSchema(variants, "square");
  const expected: readonly Tagged<typeof variants>[] = [{ name: "square", side: 1 }, { name: "circle", radius: 3 }];
  assertEquals(schema.parse({ name: "square" }), expected[0]);
  assertEquals(schema.parse({ name: "circle", radius: 3 }), expected[1]);
  assertEquals(schema.safeParse({ name: "circle", side: 3 }).success, false);
});
