/**
 * Which file imports what, and which of these imports the house does not allow.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path/posix";

/** The text of each file, by its path from the top of the repository. */
export type Sources = Readonly<Record<string, string>>;

/**
 * The folders of `src/` from the top down, and the floors of `src/engine/` from the top down. A folder may import those
 * below it; so may a floor.
 */
export type Picture = {
  readonly folders: readonly string[];
  readonly floors: readonly string[];
  /** Folders and floors that have their place already and do not exist yet. */
  readonly planned: readonly string[];
};

/** The rules, each with the name that a violation of it carries. */
export type Rule =
  | "a place in the picture"
  | "downward"
  | "through mod.ts"
  | "no cycle"
  | "reference alone"
  | "inside src"
  | "packages in one folder"
  | "FFI in the engine";

/** An import, or a use, that a rule forbids. */
export type Violation = {
  readonly rule: Rule;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** What is imported or used. */
  readonly target: string;
  readonly why: string;
};

/** What a file names: a module, `undefined` where the name is computed, or the function that opens libraries. */
type Reference = { readonly line: number; readonly to: string | undefined | typeof DLOPEN };

const DLOPEN = Symbol("Deno.dlopen");

/** The picture in CONTRIBUTING.md: the fenced block that begins with `mod.ts`, a folder or a floor on each line. */
export function readPicture(text: string): Picture {
  const block = /^```text\n(mod\.ts .*?)^```/ms.exec(text);
  if (block === null) {
    throw new TypeError("Cannot read the picture: expected a block that begins with mod.ts, found none");
  }
  const lines = block[1].split("\n").filter((line) => /^ +\S/.test(line));
  const at = (indentation: number): string[] =>
    lines.filter((line) => line.search(/\S/) === indentation).map((line) => line.trim().split(/\s/)[0]);
  const planned = lines.filter((line) => line.endsWith("(planned)")).map((line) => line.trim().split(/\s/)[0]);
  return { folders: at(2), floors: at(4), planned };
}

/** A violation as a line of text. */
export function render({ rule, file, line, target, why }: Violation): string {
  const what = rule === "a place in the picture"
    ? ""
    : rule === "FFI in the engine"
    ? ` uses ${target}`
    : ` imports ${target}`;
  return `${file}:${line}${what}: ${why}`;
}

/** Every violation in these files. */
export function violations(picture: Picture, sources: Sources): Violation[] {
  const found: Violation[] = [];
  const graph = new Map<string, { readonly line: number; readonly to: string }[]>();
  for (const [file, text] of Object.entries(sources)) {
    const edges: { readonly line: number; readonly to: string }[] = [];
    graph.set(file, edges);
    const place = unmapped(picture, file);
    if (place !== undefined) found.push({ rule: "a place in the picture", file, line: 1, target: file, why: place });
    for (const { line, to } of references(file, text)) {
      if (to === DLOPEN) {
        if (folderOf(file) !== "engine") {
          const why = "only src/engine calls foreign functions";
          found.push({ rule: "FFI in the engine", file, line, target: "dlopen", why });
        }
      } else if (to === undefined || !to.startsWith(".")) {
        const why = packageFault(file, to);
        if (why !== undefined) {
          found.push({ rule: "packages in one folder", file, line, target: to ?? "a computed import", why });
        }
      } else {
        const target = normalize(join(dirname(file), to));
        edges.push({ line, to: target });
        const fault = edgeFault(picture, file, target);
        if (fault !== undefined) found.push({ ...fault, file, line, target });
      }
    }
  }
  return [...found, ...cycles(graph)];
}

/** Every module that a file names, whether for its values or its types, and every use of `dlopen`. */
function references(file: string, text: string): Reference[] {
  const found: Reference[] = [];
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const see = (node: Deno.lint.Node, to: Reference["to"]): void => {
    found.push({ line: lineOf(node.range[0]), to });
  };
  const literal = (node: unknown): string | undefined => {
    const value = (node as { readonly value?: unknown } | null | undefined)?.value;
    return typeof value === "string" ? value : undefined;
  };
  const declaration = (node: Deno.lint.Node & { readonly source?: unknown }): void => {
    if (node.source !== null && node.source !== undefined) see(node, literal(node.source));
  };
  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration: declaration,
    ExportAllDeclaration: declaration,
    ExportNamedDeclaration: declaration,
    ImportExpression: declaration,
    TSImportType: (node) => see(node, literal((node.argument as { readonly literal?: unknown }).literal)),
    CallExpression: (node) => {
      const { callee } = node;
      if (
        callee.type === "MemberExpression" && callee.object.type === "MetaProperty" &&
        callee.property.type === "Identifier" && callee.property.name === "resolve"
      ) {
        see(node, literal(node.arguments[0]));
      }
    },
    Identifier: (node) => {
      if (node.name === "dlopen") see(node, DLOPEN);
    },
    Literal: (node) => {
      if (node.value === "dlopen") see(node, DLOPEN);
    },
  };
  Deno.lint.runPlugin({ name: "layers", rules: { references: { create: () => visitor } } }, file, text);
  // `{ dlopen }` names it twice, as the property and as the variable.
  return found.filter(({ line, to }, at) => found.findIndex((one) => one.line === line && one.to === to) === at);
}

/** The folder of `src/` that a file is in; undefined for every other file. */
function folderOf(file: string): string | undefined {
  const [top, folder, ...rest] = file.split("/");
  return top === "src" && rest.length > 0 ? folder : undefined;
}

/** The floor of `src/engine/` that a file is in; undefined for every other file. */
function floorOf(file: string): string | undefined {
  const [, folder, floor, ...rest] = file.split("/");
  return folder === "engine" && rest.length > 0 ? floor : undefined;
}

function unmapped({ folders, floors }: Picture, file: string): string | undefined {
  if (!file.startsWith("src/")) return undefined;
  const folder = folderOf(file);
  if (folder === undefined) return "expected a folder of src/, found a file beside them";
  if (!folders.includes(folder)) return `expected src/${folder} in the picture of CONTRIBUTING.md, found no such line`;
  const floor = floorOf(file);
  if (floor === undefined || floors.includes(floor)) return undefined;
  return `expected src/engine/${floor} in the picture of CONTRIBUTING.md, found no such line`;
}

/** What is wrong with a module that is not a file of this repository; only `node:` is open to everyone. */
function packageFault(file: string, to: string | undefined): string | undefined {
  if (folderOf(file) === "dependencies" || to?.startsWith("node:")) return undefined;
  return to === undefined
    ? "only src/dependencies imports what it has computed the name of"
    : "only src/dependencies imports packages";
}

function edgeFault(
  { folders, floors }: Picture,
  file: string,
  target: string,
): { readonly rule: Rule; readonly why: string } | undefined {
  if (file.startsWith("reference/")) {
    if (target.startsWith("reference/")) return undefined;
    return { rule: "reference alone", why: "reference/ imports nothing but itself, so that it can judge src" };
  }
  if (!target.startsWith("src/")) {
    if (target === "deno.json") return undefined; // the version
    return { rule: "inside src", why: "src/ imports nothing outside of it" };
  }
  const [from, to] = [folderOf(file), folderOf(target)];
  if (from !== undefined && to !== undefined && folders.indexOf(from) > folders.indexOf(to)) {
    return { rule: "downward", why: `${to} is above ${from}` };
  }
  const [fromFloor, toFloor] = [floorOf(file), floorOf(target)];
  if (to !== "engine" || fromFloor === toFloor) return undefined;
  // The engine's files that are on no floor stand above every floor.
  if (fromFloor !== undefined && (toFloor === undefined || floors.indexOf(fromFloor) > floors.indexOf(toFloor))) {
    return { rule: "downward", why: `${toFloor ?? target} is above ${fromFloor}` };
  }
  if (toFloor === undefined || target.endsWith("/mod.ts")) return undefined;
  return { rule: "through mod.ts", why: `expected ${dirname(target)}/mod.ts, which says what others may import` };
}

/** One violation for each import that closes a circle. */
function cycles(graph: ReadonlyMap<string, readonly { readonly line: number; readonly to: string }[]>): Violation[] {
  const found: Violation[] = [];
  const done = new Set<string>();
  const walk = (file: string, above: readonly string[]): void => {
    if (done.has(file)) return;
    const path = [...above, file];
    for (const { line, to } of graph.get(file) ?? []) {
      if (path.includes(to)) {
        const circle = [...path.slice(path.indexOf(to)), to].join(" -> ");
        found.push({ rule: "no cycle", file, line, target: to, why: `the circle ${circle}` });
      } else walk(to, path);
    }
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return found;
}
