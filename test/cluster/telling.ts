/**
 * One of two processes: the second one tells something, freezes the first one, and tells it something more. It prints
 * whether either arrived.
 *
 * @module
 */
import { joinCluster } from "../../src/engine/mod.ts";
import { heard, tell } from "../../src/engine/collective/mod.ts";

const [rank, ...addresses] = Deno.args;
await joinCluster({ addresses, rank: Number(rank), patience: 30 });
if (rank === "0") {
  await tell("process", String(Deno.pid), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 60_000)); // it is ended before
}
const first = Number(heard("process", 30_000));
console.log(await tell("something", "", 10_000));
Deno.kill(first, "SIGSTOP");
await new Promise((resolve) => setTimeout(resolve, 1000)); // until all its threads stand still
console.log(await tell("more", "", 1000));
Deno.exit(0);
