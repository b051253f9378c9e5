/**
 * One of two processes, whose other one never comes: it prints whether it hears SIGTERM after that.
 *
 * @module
 */
import { joinCluster } from "../../src/engine/mod.ts";

let heard = false;
Deno.addSignalListener("SIGTERM", () => heard = true);
await joinCluster({ addresses: Deno.args, rank: 0, patience: 1 }).catch((error) => console.error(error.message));
Deno.kill(Deno.pid, "SIGTERM");
await new Promise((resolve) => setTimeout(resolve, 500));
console.log(heard);
Deno.exit(0);
