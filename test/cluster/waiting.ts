/**
 * One of two processes, whose other one does not come in time. It waits for it, and prints "Waiting" as it begins to.
 *
 * @module
 */
import { joinCluster } from "../../src/engine/mod.ts";

console.log("Waiting");
await joinCluster({ addresses: Deno.args, rank: 0, patience: 60 });
