import { Command } from "../dependencies/commander.ts";
import { join } from "node:path";
import type { Config } from "../config/types.ts";
import type { Dataset } from "../data/types.ts";
import { presets } from "../config/presets.ts";
import { renderConfig } from "../config/render.ts";
import { Failure } from "./failure.ts";
import { type Options, positiveNumber, readConfig, withConfig } from "./options.ts";
import { invokedAs } from "./shell.ts";

/** `demo`: the whole way on Fashion-MNIST. */
export function demoCommand(): Command {
  const command = new Command("demo")
    .summary("pretrain and evaluate on Fashion-MNIST, with a report")
    .description(
      "Trains MoCo v2 on the 60,000 training images of Fashion-MNIST without their labels, then measures kNN and " +
        "linear accuracy on the 10,000 test images, next to a randomly initialised encoder and the raw pixels. Writes " +
        "summary.json and report.html. Every flag of pretrain works here too.",
    )
    .option(
      "--out <folder>",
      "where everything goes (default: runs/demo, or runs/demo-2 and so on where that is there)",
    )
    .option("--minutes <n>", "train for about so many minutes: sets the number of epochs by measuring the speed")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} demo
  ${invokedAs()} demo --epochs 20 --out runs/longer
  ${invokedAs()} demo --minutes 5
  ${invokedAs()} demo --epochs 1 --limit 2000`,
    )
    .action(run);
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  const started = performance.now();
  const asked = await readConfig(options, { base: presets.demo.config });
  const minutes = options.minutes === undefined ? undefined : positiveNumber("minutes", options.minutes);
  const folder = options.out === undefined ? await freeFolder("runs/demo") : String(options.out);

  const { train } = await import("./training.ts");
  const { labelled, loadImages } = await import("./datasets.ts");
  const { evaluateAll, renderResults } = await import("./evaluation.ts");
  const { report } = await import("./demo_report.ts");
  const { dispose } = await import("../core/scope.ts");
  const { hasFastBfloat16 } = await import("../engine/mod.ts");

  // Nobody chose a precision: the faster one.
  const chosen = options.precision ?? options.trainingPrecision ?? options.config ?? options.preset;
  const precision = chosen === undefined && asked.training.jit && hasFastBfloat16()
    ? "bfloat16"
    : asked.training.precision;
  const given: Config = { ...asked, training: { ...asked.training, precision } };
  const { train: images, test } = labelled(given, await loadImages(given));
  const config = minutes === undefined ? given : await fitting(given, images, minutes);
  console.error(renderConfig(config));
  console.error(`\nTraining on ${images.count} images without their labels, into ${folder}\n`);

  const trainingStarted = performance.now();
  const { outcome, method } = await train(config, folder, { split: { train: images, test } });
  const trainingSeconds = (performance.now() - trainingStarted) / 1000;
  if (outcome._tag === "Interrupted") {
    throw new Failure(
      `Stopped after step ${outcome.position.step} and saved ${outcome.checkpoint}. ` +
        `Go on with: ${invokedAs()} pretrain --resume --out ${folder}`,
      130,
    );
  }
  const results = await evaluateAll({
    config,
    method,
    state: outcome.state,
    train: images,
    test,
    options: images.classes === undefined ? {} : { classes: images.classes },
    baselines: true,
    onBegin: (name) => console.error(`Measuring: ${name}`),
  });
  await report({ config, folder, outcome, method, train: images, test, results, trainingSeconds, started });
  dispose(outcome.state);
  console.log(`\n${renderResults(results)}\n`);
  console.log(`Summary: ${join(folder, "summary.json")}\nReport:  ${join(folder, "report.html")}`);
}

/** The first of `name`, `name-2`, `name-3` and so on that is not there. */
async function freeFolder(name: string): Promise<string> {
  for (let number = 1;; number++) {
    const folder = number === 1 ? name : `${name}-${number}`;
    try {
      await Deno.stat(folder);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return folder;
      throw error;
    }
  }
}

/** The configuration with as many epochs as fit into a time, at the speed of a few steps. */
async function fitting(config: Config, images: Dataset, minutes: number): Promise<Config> {
  const { secondsPerEpoch } = await import("./speed.ts");
  const seconds = secondsPerEpoch(config, images);
  const epochs = Math.max(1, Math.floor(minutes * 60 / seconds));
  console.error(`An epoch takes about ${seconds.toFixed(0)} s here: ${epochs} in ${minutes} minutes`);
  return { ...config, training: { ...config.training, epochs } };
}
