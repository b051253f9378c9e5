import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Picture, readPicture, render, type Rule, type Sources, violations } from "../support/layers.ts";

const repository = new URL("../../", import.meta.url);

/** Imports that break a rule and are to go, as `file -> target`. None may be added. */
const known: readonly string[] = [];

/**
 * The page is a program of its own, for browsers: it has its own packages, and takes types alone from the server. What
 * it computes as the server does, it takes from files that import nothing.
 */
const page = "src/serve/page";

/** The code and the picture. */
const picture = readPicture(Deno.readTextFileSync(new URL("CONTRIBUTING.md", repository)));
const sources: Sources = Object.fromEntries(
  ["mod.ts", ...filesIn("src"), ...filesIn("reference")]
    .map((path) => [path, Deno.readTextFileSync(new URL(path, repository))]),
);

function filesIn(folder: string): string[] {
  if (folder === page) return [];
  return [...Deno.readDirSync(new URL(`${folder}/`, repository))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : path.endsWith(".ts") ? [path] : [];
  });
}

Deno.test("every import of the code keeps the picture in CONTRIBUTING.md", () => {
  const found = violations(picture, sources);
  const wrong = found.filter(({ file, target }) => !known.includes(`${file} -> ${target}`));
  assert(wrong.length === 0, `\n${wrong.map(render).join("\n")}`);
  const gone = known.filter((one) => !found.some(({ file, target }) => one === `${file} -> ${target}`));
  assertEquals(gone, [], "these imports are gone: take them off the list");
});

Deno.test("the picture in CONTRIBUTING.md shows the folders that are there", () => {
  const there = (folder: string): string[] =>
    [...Deno.readDirSync(new URL(folder, repository))].filter((entry) => entry.isDirectory).map(({ name }) => name)
      .toSorted();
  const shown = (names: readonly string[]): string[] =>
    names.filter((name) => !picture.planned.includes(name)).toSorted();
  assertEquals(shown(picture.folders), there("src/"));
  assertEquals(shown(picture.floors), there("src/engine/"));
});

const small: Picture = {
  folders: ["cli", "files", "engine", "dependencies"],
  floors: ["ops", "native"],
  planned: [],
};

/** A rule, files that break it in one place, and that place. */
const broken: readonly (readonly [Rule, Sources, at: string])[] = [
  ["a place in the picture", { "src/new/a.ts": "" }, "src/new/a.ts:1:"],
  ["a place in the picture", { "src/a.ts": "" }, "src/a.ts:1:"],
  ["a place in the picture", { "src/engine/new/a.ts": "" }, "src/engine/new/a.ts:1:"],
  ["downward", { "src/files/a.ts": `import { b } from "../cli/b.ts";` }, "src/files/a.ts:1 imports src/cli/b.ts"],
  [
    "downward",
    { "src/files/a.ts": `\nimport type { B } from "../cli/b.ts";` },
    "src/files/a.ts:2 imports src/cli/b.ts",
  ],
  ["downward", { "src/files/a.ts": `export * from "../cli/b.ts";` }, "src/files/a.ts:1 imports src/cli/b.ts"],
  ["downward", { "src/files/a.ts": `export { b } from "../cli/b.ts";` }, "src/files/a.ts:1 imports src/cli/b.ts"],
  ["downward", { "src/files/a.ts": `await import("../cli/b.ts");` }, "src/files/a.ts:1 imports src/cli/b.ts"],
  ["downward", { "src/files/a.ts": `type B = import("../cli/b.ts").B;` }, "src/files/a.ts:1 imports src/cli/b.ts"],
  ["downward", { "src/files/a.ts": `import.meta.resolve("../cli/b.ts");` }, "src/files/a.ts:1 imports src/cli/b.ts"],
  [
    "downward",
    { "src/engine/native/a.ts": `import "../ops/mod.ts";` },
    "src/engine/native/a.ts:1 imports src/engine/ops/mod.ts",
  ],
  ["downward", { "src/engine/ops/a.ts": `import "../mod.ts";` }, "src/engine/ops/a.ts:1 imports src/engine/mod.ts"],
  [
    "through mod.ts",
    { "src/files/a.ts": `import "../engine/ops/add.ts";` },
    "src/files/a.ts:1 imports src/engine/ops/add.ts",
  ],
  [
    "through mod.ts",
    { "mod.ts": `export * from "./src/engine/ops/add.ts";` },
    "mod.ts:1 imports src/engine/ops/add.ts",
  ],
  [
    "through mod.ts",
    { "src/engine/ops/a.ts": `import "../native/b.ts";` },
    "src/engine/ops/a.ts:1 imports src/engine/native/b.ts",
  ],
  [
    "no cycle",
    {
      "src/files/a.ts": `import "./b.ts";`,
      "src/files/b.ts": `import "./c.ts";`,
      "src/files/c.ts": `import type { A } from "./a.ts";`,
    },
    "src/files/c.ts:1 imports src/files/a.ts: the circle src/files/a.ts -> src/files/b.ts -> src/files/c.ts -> src/files/a.ts",
  ],
  ["no cycle", { "src/files/a.ts": `import "./a.ts";` }, "src/files/a.ts:1 imports src/files/a.ts"],
  ["reference alone", { "reference/a.ts": `import "../src/files/b.ts";` }, "reference/a.ts:1 imports src/files/b.ts"],
  ["inside src", { "src/files/a.ts": `import "../../test/b.ts";` }, "src/files/a.ts:1 imports test/b.ts"],
  ["inside src", { "src/files/a.ts": `import "../../mod.ts";` }, "src/files/a.ts:1 imports mod.ts"],
  ["packages in one folder", { "src/files/a.ts": `import "npm:zod";` }, "src/files/a.ts:1 imports npm:zod"],
  ["packages in one folder", { "src/files/a.ts": `import "zod";` }, "src/files/a.ts:1 imports zod"],
  ["packages in one folder", { "mod.ts": `export * from "jsr:@std/path";` }, "mod.ts:1 imports jsr:@std/path"],
  ["packages in one folder", { "reference/a.ts": `import "npm:zod";` }, "reference/a.ts:1 imports npm:zod"],
  ["packages in one folder", { "src/files/a.ts": `await import(name);` }, "src/files/a.ts:1 imports a computed import"],
  ["FFI in the engine", { "src/files/a.ts": `Deno.dlopen(path, {});` }, "src/files/a.ts:1 uses dlopen"],
  ["FFI in the engine", { "src/files/a.ts": `const { dlopen } = Deno;` }, "src/files/a.ts:1 uses dlopen"],
  ["FFI in the engine", { "src/files/a.ts": `Deno["dlopen"](path, {});` }, "src/files/a.ts:1 uses dlopen"],
];

for (const [rule, files, at] of broken) {
  Deno.test(`the rule of "${rule}" is broken by ${Object.values(files).join(" ").trim() || at}`, () => {
    const found = violations(small, files);
    assertEquals([...new Set(found.map((violation) => violation.rule))], [rule]);
    assertEquals(found.filter((violation) => render(violation).startsWith(at)).length, 1, found.map(render).join("\n"));
  });
}

Deno.test("what the picture allows is no violation, and text that only looks like an import is none", () => {
  const files: Sources = {
    "mod.ts": `export * from "./src/files/a.ts"; export { tf } from "./src/engine/tf.ts";`,
    "src/cli/main.ts": `import "../files/a.ts"; import "../../deno.json"; import "../engine/mod.ts";`,
    "src/files/a.ts": `
      /** import { x } from "npm:x"; */
      import "node:path"; import "./b.ts"; import "../dependencies/x.ts"; import "../engine/ops/mod.ts";
      const text = 'import "../cli/main.ts"'; Array.from("../cli/main.ts"); path.resolve("npm:x");`,
    "src/files/b.ts": "",
    "src/engine/mod.ts": `export * from "./ops/mod.ts";`,
    "src/engine/ops/mod.ts": `import "../native/mod.ts"; import "./add.ts";`,
    "src/engine/ops/add.ts": "",
    "src/engine/native/mod.ts": `Deno.dlopen(path, {});`,
    "src/dependencies/x.ts": `export * from "npm:x"; await import(name);`,
    "reference/a.ts": `import "./b.ts"; import "node:process";`,
    "reference/b.ts": "",
  };
  assertEquals(violations(small, files).map(render), []);
});

Deno.test("the picture is read with its order, its floors and what is planned", () => {
  const text =
    "Words.\n\n```text\nmod.ts   all\nsrc/\n  cli     commands\n  run     all (planned)\n  engine  kernels\n" +
    "    ops   operations\nreference/  formulas\n```\n";
  assertEquals(readPicture(text), { folders: ["cli", "run", "engine"], floors: ["ops"], planned: ["run"] });
  const error = assertThrows(() => readPicture("no block"), TypeError);
  assertStringIncludes(error.message, "expected a block");
});

Deno.test("who frees tensors is decided in three files, and above the engine nobody asks for a GPU", () => {
  const above = Object.entries(sources).filter(([path]) => !path.startsWith("src/engine/"));
  const users = (use: RegExp) => above.filter(([, text]) => use.test(text)).map(([path]) => path).sort();
  assertEquals(users(/\btf\.(tidy|keep|dispose|disposeVariables)\(/), [
    "src/core/autodiff.ts",
    "src/core/scope.ts",
    "src/core/tree.ts",
  ]);
  assertEquals(users(/\bhasGpu\b/), []);
  assertEquals(users(/\btf\.(train\.(sgd|adam|momentum|rmsprop)|variable)\b/), []); // tfjs's optimizers and variables have no place in a pure step
});
