/**
 * The laws that the step of every method obeys, as tests.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { loadCheckpoint, saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { restore, tensorsOf } from "../../src/checkpoint/state.ts";
import { key } from "../../src/core/random.ts";
import { dispose, liveTensors, release, scope } from "../../src/core/scope.ts";
import { entries, leaves, type Tree } from "../../src/core/tree.ts";
import { jit, readBytes } from "../../src/engine/mod.ts";
import type { Method, Views } from "../../src/methods/types.ts";
import { assertClose, type Numbers } from "./close.ts";
import { right } from "./either.ts";
import { stepTolerance } from "./tiny_encoder.ts";

/** A method, and a state and views to try it with. */
export type Trial<S extends Tree> = {
  readonly method: Method<S>;
  /** A state in the middle of a run, made anew. */
  readonly state: () => S;
  /** The views of a step by its number, made anew; those of one number are always the same. */
  readonly views: (step: number) => Views;
};

/** Every leaf's bytes by path. */
export function bytesOf(tree: Tree): Record<string, string> {
  return Object.fromEntries(entries(tree).map(([path, leaf]) => [path, readBytes(leaf).toString()]));
}

/** Declares the tests, their names ending in the method's. */
export function testStepLaws<S extends Tree>(name: string, { method, state, views }: Trial<S>): void {
  const compiled = jit(method.step);
  for (const [way, step] of [["eager", method.step], ["jit", compiled]] as const) {
    Deno.test(`step is pure, ${way}: twice on one state gives equal bytes and leaves its input's bytes alone (${name})`, () => {
      scope(() => {
        const input = { state: state(), views: views(0) };
        const before = bytesOf(input);
        const once = bytesOf(step(input.state, input.views));
        assertEquals(bytesOf(step(input.state, input.views)), once);
        assertEquals(bytesOf(input), before);
      });
    });

    Deno.test(`step leaks nothing, ${way}: live tensors grow by the leaves of its result, which are its own (${name})`, () => {
      const input = { state: state(), views: views(0) };
      dispose(step(input.state, input.views)); // what is made once, is made
      const before = liveTensors();
      const next = step(input.state, input.views);
      assertEquals(liveTensors() - before, leaves(next).length);
      assertEquals(new Set(leaves(next)).size, leaves(next).length); // no leaf twice
      const old = new Set(leaves(input));
      assert(leaves(next).every((leaf) => !old.has(leaf))); // nothing shared with the input
      const bytes = bytesOf(next.state);
      release(input.state, next.state);
      assertEquals(bytesOf(next.state), bytes); // the new state does not live off the old one
      dispose(next);
      dispose(input.views);
    });
  }

  Deno.test(`jit equals eager (${name})`, () => {
    scope(() => {
      const expected = method.step(state(), views(0));
      const actual = compiled(state(), views(0));
      assertClose(actual.metrics as Tree as Numbers, expected.metrics as Tree as Numbers, stepTolerance, "metrics");
      assertClose(actual.state as Tree as Numbers, expected.state as Tree as Numbers, stepTolerance, "state");
    });
  });

  Deno.test(`a fresh state shares nothing, follows its seed, and is ordered as the next one: no second trace (${name})`, () => {
    scope(() => {
      const fresh = method.init(key(1));
      assertEquals(new Set(leaves(fresh)).size, leaves(fresh).length);
      assertEquals(bytesOf(method.init(key(1))), bytesOf(fresh));
      const weights = (tree: Tree) =>
        Object.entries(bytesOf(tree)).filter(([path]) => /^query\.params.*weight$/.test(path));
      assertNotEquals(weights(method.init(key(2))), weights(fresh));
      const described = (tree: Tree) => entries(tree).map(([path, { dtype, shape }]) => `${path} ${dtype} [${shape}]`);
      assertEquals(described(compiled(fresh, views(0)).state), described(fresh));
    });
  });

  Deno.test(`10 steps equal 5 steps, save, load, 5 steps, bit for bit (${name})`, async () => {
    const folder = await Deno.makeTempDir();
    const advance = (from: S, first: number, last: number) =>
      scope(() => {
        let current = from;
        for (let index = first; index < last; index++) current = compiled(current, views(index)).state;
        return current;
      });
    try {
      const start = state();
      const whole = advance(start, 0, 10);
      const half = advance(start, 0, 5);
      const path = `${folder}/half.safetensors`;
      const about = { config: {}, position: { epoch: 0, batch: 5, step: 5 }, metrics: {} };
      right(await saveCheckpoint(path, tensorsOf(half), about)());
      const template = method.init(key(9)); // other values: nothing may come from it but the structure
      const loaded = right(restore(template, right(await loadCheckpoint(path)())));
      assertEquals(bytesOf(loaded), bytesOf(half));
      const resumed = advance(loaded, 5, 10);
      assertEquals(bytesOf(resumed), bytesOf(whole));
      [start, whole, half, template, loaded, resumed].forEach(dispose);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
