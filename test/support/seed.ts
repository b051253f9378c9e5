/**
 * Loaded before every test module (`deno test --preload`): it says which inputs the properties draw.
 *
 * By default a property draws the same inputs in every run, so that nothing fails by chance where nothing changed. In
 * the environment, `MOCO_TEST_SEED=random` draws others, `MOCO_TEST_SEED=<n>` those of the seed that a failing property
 * names, and `MOCO_TEST_RUNS=<n>` runs every test n times, each time with another seed.
 *
 * @module
 */
import fc from "fast-check";

const chosen = Deno.env.get("MOCO_TEST_SEED") ?? "1911"; // of the first paper, arXiv:1911.05722; any number would do
const seed = chosen === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(chosen);
if (!Number.isInteger(seed)) {
  throw new RangeError(`Cannot use MOCO_TEST_SEED: expected "random" or an integer, found ${chosen}`);
}
const runs = Number(Deno.env.get("MOCO_TEST_RUNS") ?? 1);
if (!Number.isInteger(runs) || runs < 1) {
  throw new RangeError(`Cannot use MOCO_TEST_RUNS: expected an integer of at least 1, found ${runs}`);
}

fc.configureGlobal({ seed });

if (runs > 1) {
  const once = Deno.test;
  // The three ways in which the tests are declared: (definition), (name, function), (name, options, function).
  type Body = Deno.TestDefinition["fn"];
  const repeated = (test: string | Deno.TestDefinition, ...rest: readonly (Body | Partial<Deno.TestDefinition>)[]) => {
    const body = rest.at(-1) as Body;
    const definition = typeof test === "string" ? { ...rest[0] as object, name: test, fn: body } : test;
    const fn: Body = async (context) => {
      for (let run = 0; run < runs; run++) {
        fc.configureGlobal({ seed: (seed + Math.imul(run, 0x9e3779b1)) | 0 }); // far apart: near seeds draw alike
        await definition.fn(context);
      }
    };
    once({ ...definition, fn });
  };
  Object.assign(Deno, { test: Object.assign(repeated, once) });
}
