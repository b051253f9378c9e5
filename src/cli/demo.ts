import { Command } from "commander";

/** `demo`: the whole way on Fashion-MNIST. */
export function demoCommand(): Command {
  return new Command("demo").summary("pretrain and evaluate on Fashion-MNIST, with a report").action(() => {});
}
