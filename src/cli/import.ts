import { Command } from "../dependencies/commander.ts";
import { fromOptions } from "../config/read_flags.ts";
import { renderImported } from "../run/imported_text.ts";
import { orFail } from "./failure.ts";
import { type Options, requireOptions, withFields } from "./options.ts";
import { invokedAs, typed } from "./shell.ts";
import { print } from "./terminal.ts";

/** `import`: an encoder of another program as a checkpoint. */
export function importCommand(): Command {
  const command = new Command("import")
    .summary("take an encoder over from PyTorch's files or safetensors")
    .description(
      "Reads weights as torchvision, timm, Hugging Face, Detectron2 or the authors of MoCo lay them out, and writes " +
        "a checkpoint. Queue, projector and predictor come along where the file has them. Nothing in a file is run. " +
        "Flags give what the tensors do not tell, for example the heads of a vision transformer.",
    )
    .argument("<file>", "a .pth, .pth.tar, .pt, .bin or .safetensors file")
    .option("--to <checkpoint>", "required: the checkpoint to write, .safetensors, which must not be there")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} import resnet50.pth --to resnet50.safetensors
  ${invokedAs()} import moco_v2_800ep_pretrain.pth.tar --to v2.safetensors
  ${invokedAs()} import vit_small.safetensors --heads 6 --to vit.safetensors
  ${invokedAs()} pretrain --preset photos --path my-photos --init resnet50.safetensors --out runs/photos`,
    )
    .action(run);
  return withFields(command, "method", "encoder", "augment", "training.batch");
}

async function run(file: string, options: Options): Promise<void> {
  requireOptions(options, "to");
  const to = String(options.to);
  const { importWeights } = await import("../run/import_weights.ts");
  print(renderImported(await orFail(importWeights({ ...fromOptions(options), file, to }))));
  print(`\nMeasure it with: ${typed("evaluate", "--checkpoint", to, "--data", "folder", "--path", "LABELLED")}`);
}
