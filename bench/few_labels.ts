/**
 * Fine-tuning an encoder with few labels, beside the same network from random weights:
 *
 *     deno run -A bench/few_labels.ts RUN OUT [pretrained|random]
 *
 * RUN is a run of the demo, or its checkpoint. Every cell is a fine-tuning in a folder of OUT with three seeds, which
 * draw the labels, the order of the images and the random weights. A cell that is there is not run again, and one that
 * was interrupted goes on. `results.json` and `results.md` in OUT hold what is known so far.
 *
 * @module
 */
import { Either } from "../src/core/either.ts";
import { renderRunError } from "../src/run/errors.ts";
import { finetune } from "../src/run/finetune.ts";
import { terminalReporter } from "../src/train/progress.ts";

/** Shares of the labels, and passes over them: 100,000 images, counted in every epoch, in all three. */
const shares = [{ share: 0.01, epochs: 200 }, { share: 0.1, epochs: 20 }, { share: 1, epochs: 2 }] as const;
const weights = ["random", "pretrained"] as const;
const seeds = [0, 1, 2] as const;

/** What a fine-tuning reached. */
type Result = {
  readonly weights: (typeof weights)[number];
  readonly share: number;
  readonly epochs: number;
  readonly seed: number;
  /** Labelled images. */
  readonly trained: number;
  readonly top1: number;
  readonly top5: number;
};

const [run, out, only] = Deno.args;
if (run === undefined || out === undefined) {
  console.error("Cannot begin: expected the folders of a run and of the results");
  Deno.exit(2);
}
const results: Result[] = [];
for (const { share, epochs } of shares) {
  for (const seed of seeds) {
    for (const from of weights.filter((each) => only === undefined || only === each)) {
      results.push(await resultOf(from, share, epochs, seed));
      await Deno.writeTextFile(`${out}/results.json`, `${JSON.stringify(results, null, 2)}\n`);
      await Deno.writeTextFile(`${out}/results.md`, `${tableOf(results)}\n`);
    }
  }
}
console.log(tableOf(results));

async function resultOf(from: Result["weights"], share: number, epochs: number, seed: number): Promise<Result> {
  const folder = `${out}/${from}-${share}-of-labels-${epochs}-epochs-${seed}`;
  const kept = await Deno.readTextFile(`${folder}/result.json`).catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept);
  const isBegun = await Deno.stat(`${folder}/config.json`).then(() => true, () => false);
  const reporter = terminalReporter();
  reporter.note(`\n${from} weights, ${100 * share} % of the labels, seed ${seed}`);
  const finetuned = await finetune({
    ...isBegun ? { resume: true } : {
      from: { run },
      randomWeights: from === "random",
      method: { name: "supervised", labelShare: share },
      training: { epochs, seed, keep: 1 },
    },
    out: folder,
    reporter,
  })();
  if (Either.isLeft(finetuned)) throw new Error(renderRunError(finetuned.left));
  const { trained, scores } = finetuned.right;
  if (scores === undefined) throw new Error(`Cannot measure ${folder}: expected test images, found none`);
  const result: Result = { weights: from, share, epochs, seed, trained, top1: scores.top1, top5: scores.top5 };
  await Deno.writeTextFile(`${folder}/result.json`, `${JSON.stringify(result)}\n`);
  return result;
}

/** Accuracies as mean and standard deviation over the seeds, in percent. */
function tableOf(results: readonly Result[]): string {
  const cell = (share: number, from: Result["weights"]): string => {
    const found = results.filter((each) => each.share === share && each.weights === from).map(({ top1 }) => 100 * top1);
    if (found.length === 0) return "";
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, found.length - 1);
    return `${mean.toFixed(1)} ± ${Math.sqrt(variance).toFixed(1)} (${found.length})`;
  };
  const rows = shares.map(({ share, epochs }) =>
    `| ${100 * share} % | ${epochs} | ${cell(share, "random")} | ${cell(share, "pretrained")} |`
  );
  return [
    "| labels | epochs | random weights, top-1 (%) | pretrained, top-1 (%) |",
    "| ------ | ------ | ------------------------- | --------------------- |",
    ...rows,
  ].join("\n");
}
