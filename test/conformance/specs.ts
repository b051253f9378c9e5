/**
 * The specs that tfjs-core's npm package ships, and how tfjs-node runs them.
 *
 * @module
 */
import { createRequire, registerHooks } from "node:module";
import jasmine from "jasmine-core";
import { fileURLToPath } from "node:url";

type Context = { readonly parentURL?: string };
type Resolve = (specifier: string, context: Context) => unknown;

/**
 * Lets the package's ES modules load: they leave `.js` and `/index.js` out of their imports and expect a bundler to
 * know, one of them calls `require`, and they take a CommonJS module's properties for named exports.
 */
export function loadLikeABundler(): void {
  const hooks = {
    resolve: (specifier: string, context: Context, next: Resolve) => {
      if (specifier === "seedrandom" && context.parentURL?.includes("tfjs-core")) {
        return next(import.meta.resolve("./seedrandom.ts"), context);
      }
      const ending = specifier.startsWith(".") && !specifier.endsWith(".js")
        ? [".js", "/index.js"].find((ending) => isFile(new URL(specifier + ending, context.parentURL)))
        : undefined;
      return next(specifier + (ending ?? ""), context);
    },
  };
  registerHooks(hooks as Parameters<typeof registerHooks>[0]);
  const packaged = createRequire(import.meta.resolve("@tensorflow/tfjs-core/package.json"));
  const require = (name: string) => name.startsWith("jasmine-core/") ? jasmine : packaged(name);
  Object.assign(globalThis, { require });
}

/** The names, or parts of names, of specs that tfjs-node skips on its own TensorFlow, read from its own package. */
export function skipList(): readonly string[] {
  const source = Deno.readTextFileSync(
    fileURLToPath(import.meta.resolve("@tensorflow/tfjs-node-gpu/src/run_tests.ts")),
  );
  const list = source.match(/const IGNORE_LIST: string\[\] = \[([\s\S]*?)\n\];/);
  if (list === null) throw new Error("Cannot read tfjs-node's skip list: expected IGNORE_LIST in its run_tests.ts");
  const lines = list[1].split("\n").filter((line) => !line.trim().startsWith("//")).join("\n");
  return [...lines.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, name]) => name.replaceAll(/\\(.)/g, "$1"));
}

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
