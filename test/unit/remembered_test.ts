import { assertEquals, assertRejects } from "@std/assert";
import { remembered } from "../../src/serve/remembered.ts";

Deno.test("what is asked for twice at a time is made once, and what failed is made again", async () => {
  let made = 0;
  const number = remembered<string, number>();
  const make = () => new Promise<number>((resolve) => setTimeout(() => resolve(++made)));
  assertEquals(await Promise.all([number("a", make), number("a", make)]), [1, 1]);
  assertEquals([await number("a", make), await number("b", make)], [1, 2]);
  await assertRejects(() => number("c", () => Promise.reject(new Error("away"))), Error, "away");
  assertEquals(await number("c", make), 3);
});

Deno.test("as many things are kept as there is room for, and what was made last stays", async () => {
  let made = 0;
  const number = remembered<string, number>(2);
  const make = () => Promise.resolve(++made);
  const found: number[] = [];
  for (const key of ["a", "b", "c", "b", "c", "a"]) found.push(await number(key, make));
  assertEquals(found, [1, 2, 3, 2, 3, 4]);
});

Deno.test("what is no longer kept is forgotten, and what failed is not", async () => {
  const forgotten: number[] = [];
  const double = remembered<number, number>(2, (thing) => forgotten.push(thing));
  const asked = (key: number) =>
    double(key, () => key < 0 ? Promise.reject(new Error("none")) : Promise.resolve(2 * key));
  for (const key of [1, 2, 1, 3]) await asked(key);
  assertEquals(forgotten, [2]);
  await asked(-1).catch(() => {});
  await asked(4);
  assertEquals(forgotten, [2, 4]);
  assertEquals(await asked(3), 6);
});
