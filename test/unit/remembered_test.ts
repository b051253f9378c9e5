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
