/**
 * The program, whose steps end for ever once a file is there, while TensorFlow's server goes on answering the others:
 * `hanging.ts <file> <arguments of the program...>`.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { main } from "../../src/cli/main.ts";

const [file, ...args] = Deno.args;
setInterval(() => {
  if (existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}, 20);
Deno.exit(await main(args));
