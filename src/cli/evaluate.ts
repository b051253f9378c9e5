import { Command } from "commander";

/** `evaluate`: what the features of a trained encoder are worth. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .summary("measure a trained encoder with kNN and a linear layer")
    .action(() => {});
}
