/**
 * Runs the specs of tfjs-core on this engine: `deno task conformance [part of a name]`.
 *
 * tfjs-node runs the same specs on its own TensorFlow; those that it skips are skipped here. Fails on a spec that
 * fails without being listed in failures.ts, and on a listed one that passes.
 *
 * @module
 */
import { tf } from "../../src/engine/mod.ts";
import jasmine from "jasmine-core";
import { knownFailures } from "./failures.ts";
import { loadLikeABundler, skipList } from "./specs.ts";

/** What jasmine says of a finished spec. */
type Spec = {
  readonly fullName: string;
  readonly status: "passed" | "failed" | "excluded" | "pending";
  readonly failedExpectations: readonly { readonly message: string }[];
};

/** How many specs of this version of tfjs apply to the engine. */
const SPECS = 3878;

const [wanted = ""] = Deno.args;
const skipped = skipList();
const explained = new Map(knownFailures.flatMap(({ cause, specs }) => specs.map((spec) => [spec, cause])));

const globals = jasmine.noGlobals();
Object.assign(globalThis, globals);
loadLikeABundler();
const { setTestEnvs } = await import("@tensorflow/tfjs-core/dist/jasmine_util.js");
setTestEnvs([{ name: "test-tensorflow", backendName: "tensorflow", flags: {}, isDataSync: true }]);
await import("@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js");
await import("@tensorflow/tfjs-core/dist/register_all_gradients.js");
tf.setBackend("tensorflow");
await import("@tensorflow/tfjs-core/dist/tests.js");

const results: Spec[] = [];
const environment = globals.jasmine.getEnv();
environment.configure({
  random: false,
  specFilter: (spec: { getFullName(): string }) =>
    spec.getFullName().includes(wanted) && !skipped.some((name) => spec.getFullName().includes(name)),
});
environment.addReporter({ specDone: (spec: Spec) => void results.push(spec) });
const overall = await environment.execute();

const withStatus = (status: Spec["status"]) => results.filter((spec) => spec.status === status);
const passed = withStatus("passed").map((spec) => spec.fullName);
const failed = withStatus("failed");
const unexplained = failed.filter((spec) => !explained.has(spec.fullName));
const healed = passed.filter((name) => explained.has(name));

for (const { fullName, failedExpectations } of unexplained) {
  console.log(`FAILED ${fullName}\n    ${failedExpectations[0]?.message.split("\n")[0] ?? "without a message"}`);
}
for (const { message } of overall.failedExpectations) console.log(`FAILED outside of a spec\n    ${message}`);
for (const name of healed) console.log(`PASSED, though failures.ts lists it: ${name}`);
for (const { cause, specs } of knownFailures) {
  const count = failed.filter((spec) => specs.includes(spec.fullName)).length;
  if (count > 0) console.log(`${count} known to fail: ${cause}`);
}
// A runner that finds no specs has nothing to say.
const missing = wanted === "" ? Math.max(0, SPECS - passed.length) : passed.length === 0 ? 1 : 0;
if (missing > 0) {
  console.log(`MISSING: expected ${wanted === "" ? SPECS : "some"} specs to pass, found ${passed.length}`);
}
const bad = unexplained.length + healed.length + overall.failedExpectations.length + missing;
console.log(`${passed.length} specs pass, ${failed.length} fail (${failed.length - unexplained.length} known to).`);
console.log(
  `${passed.length - healed.length} passed, ${bad} failed, ${results.length - passed.length - failed.length} skipped`,
);
Deno.exit(bad === 0 ? 0 : 1);
