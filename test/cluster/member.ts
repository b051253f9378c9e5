/**
 * One of several processes that take part in the trainings of `trainings.ts`: prints what they left, as JSON.
 *
 * @module
 */
import { clusterDevices } from "../../src/core/devices.ts";
import { joinCluster } from "../../src/engine/mod.ts";
import { train, trainings } from "./trainings.ts";

const [rank, ...addresses] = Deno.args;
const cluster = await joinCluster({ addresses, rank: Number(rank), patience: 60 });
const part = { index: cluster.rank, count: cluster.size };
const results = Object.entries(trainings).map(([name, training]) =>
  [name, train(training, clusterDevices(cluster, training.groups), part)] as const
);
console.log(JSON.stringify(Object.fromEntries(results)));
Deno.exit(0);
