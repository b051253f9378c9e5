/**
 * MoCo v2 by this library and by Lightly, trained with one recipe for equal epochs and measured by one evaluator: kNN
 * and linear accuracy over epochs and over minutes.
 *
 *     deno run -A bench/lightly_training.ts --path FOLDER [--epochs N] [--every N] [--seeds N] [--limit N]
 *       [--precision bfloat16] [--only ours|lightly] [--venv FOLDER] [--out FOLDER]
 *
 * The folder has `train` and `test`, each with a subfolder for each class. The recipe is
 * `lightly_training/recipe.json`. The trainings run one after another, each with the whole machine. Finished ones are
 * not run again, and a run without `--only` joins those that had it.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { provenanceOf } from "../src/experiment/provenance.ts";
import { trainLightly } from "./lightly_training/lightly.ts";
import { trainOurs } from "./lightly_training/ours.ts";
import { type Run, writeResults } from "./lightly_training/output.ts";
import type { Request, Trained } from "./lightly_training/types.ts";
import { peerPython } from "./peers/environment.ts";

const { values } = parseArgs({
  options: {
    path: { type: "string" },
    epochs: { type: "string", default: "20" },
    every: { type: "string", default: "2" },
    seeds: { type: "string", default: "1" },
    limit: { type: "string" },
    precision: { type: "string", default: "float32" },
    only: { type: "string" },
    venv: { type: "string" },
    out: { type: "string", default: "runs/lightly-training" },
  },
});
const { path, limit, precision, only } = values;
if (path === undefined) throw new TypeError("Cannot bench the training: expected --path, found none");
if (precision !== "float32" && precision !== "bfloat16") {
  throw new TypeError(`Cannot bench the training: expected --precision float32 or bfloat16, found ${precision}`);
}
if (only !== undefined && only !== "ours" && only !== "lightly") {
  throw new TypeError(`Cannot bench the training: expected --only ours or lightly, found ${only}`);
}
const out = resolve(values.out);
const common = { epochs: Number(values.epochs), every: Number(values.every), precision } as const;

type Contestant = readonly [library: string, train: (request: Request) => Promise<Trained>];
const ours: Contestant = ["Momentum Contrast", trainOurs];
const lightly = async (): Promise<Contestant> => {
  const python = await peerPython(values.venv); // before hours of training
  return ["Lightly", (request) => trainLightly(python, request)];
};
const contestants = [...only === "lightly" ? [] : [ours], ...only === "ours" ? [] : [await lightly()]];

const runs: Run[] = [];
let versions = {};
for (let seed = 0; seed < Number(values.seeds); seed++) {
  for (const [library, train] of contestants) {
    const folder = join(out, `${library.toLowerCase().replaceAll(" ", "-")}-${seed}`);
    const finished = join(folder, "trained.json");
    const trained = await readTrained(finished) ?? await train({
      ...{ ...common, path: resolve(path), seed, out: folder },
      ...limit === undefined ? {} : { limit: Number(limit) },
    });
    await Deno.writeTextFile(finished, JSON.stringify(trained));
    runs.push({ library, seed, points: trained.points });
    versions = { ...versions, ...trained.versions };
    const provenance = await provenanceOf(`deno run -A bench/lightly_training.ts ${Deno.args.join(" ")}`);
    await writeResults(out, { ...provenance, versions: { ...provenance.versions, ...versions }, runs });
  }
}
console.log(await Deno.readTextFile(join(out, "results.md")));

async function readTrained(path: string): Promise<Trained | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
