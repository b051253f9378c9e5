import { Command } from "../dependencies/commander.ts";
import { orFail } from "./failure.ts";
import { entryOf, type Options, readConfig, requireOptions, wholeNumber, withConfig } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { terminalReporter } from "../train/progress.ts";
import { print } from "./terminal.ts";

/** `augment`: a contact sheet of augmented images. */
export function augmentCommand(): Command {
  const command = new Command("augment")
    .summary("draw augmented images as a contact sheet")
    .description(
      "Draws a contact sheet: a row for each image, the image itself first and augmented views of it after. Look at " +
        "it before a long run: views too alike make the task trivial, views too different make it hopeless.",
    )
    .option("--out <file>", "required: the PNG to write")
    .option("--images <n>", "images, a row each", "8")
    .option("--views <n>", "augmented views of each", "8")
    .option(
      "--zoom <n>",
      "pixels of the sheet for each pixel of a view; as many as make a view 64 pixels where absent",
    )
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} augment --data fashion-mnist --out sheet.png
  ${invokedAs()} augment --preset photos --path my-photos --size 96 --out sheet.png
  ${invokedAs()} augment --recipe v1 --augment-crop-scale 0.08,1 --out sheet.png`,
    )
    .action(run);
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "out");
  const drawing = {
    images: wholeNumber("images", options.images),
    views: wholeNumber("views", options.views),
    ...entryOf(options, "zoom", wholeNumber),
  };
  const config = await readConfig(options);
  const { drawViews } = await import("../run/augment.ts");
  const reporter = terminalReporter();
  print(await orFail(drawViews({ ...config, ...drawing, out: String(options.out), reporter })));
}
