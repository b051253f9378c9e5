/**
 * MoCo v1, v2, v3 with a ResNet and v3 with a ViT on Fashion-MNIST, trained and measured beside their random weights,
 * as a Markdown table: `deno run -A bench/methods.ts [--scale smoke] [--out FOLDER]`.
 *
 * It is the experiment `methods`; what is finished is not run again.
 *
 * @module
 */
import { main } from "../src/cli/main.ts";

Deno.exit(await main(["experiment", "methods", ...Deno.args]));
