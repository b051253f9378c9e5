/**
 * One of two processes: the first one freezes once both are there, and the second one prints whether it can tell
 * something.
 *
 * @module
 */
import { joinCluster } from "../../src/engine/mod.ts";
import { tell } from "../../src/engine/collective/mod.ts";

const [rank, ...addresses] = Deno.args;
await joinCluster({ addresses, rank: Number(rank), patience: 30 });
console.log(await tell(`there/${rank}`, "", 10_000));
if (rank === "0") Deno.kill(Deno.pid, "SIGSTOP");
await new Promise((resolve) => setTimeout(resolve, 1000)); // until the first one is frozen
console.log(await tell("more", "", 1000));
Deno.exit(0);
