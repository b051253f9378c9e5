/**
 * One of several processes that take part in the trainings of `trainings.ts`: prints what they left, as JSON. First it
 * prints the means of tensors that make several messages.
 *
 * @module
 */
import { clusterDevices } from "../../src/core/devices.ts";
import { joinCluster, tf } from "../../src/engine/mod.ts";
import { train, trainings } from "./trainings.ts";

const [rank, ...addresses] = Deno.args;
const cluster = await joinCluster({ addresses, rank: Number(rank), patience: 60 });
const part = { index: cluster.rank, count: cluster.size };
const { mean } = clusterDevices(cluster);
const large = [10, 1_500_000, 700_000, 2_500_000, 20].map((size, index) =>
  [String(index), tf.add(tf.range(0, size), index + cluster.rank)] as const
);
const means = Object.values(mean(Object.fromEntries(large))).map((leaf) => [leaf.size, leaf.dataSync()[0]]);
console.log(JSON.stringify(means));
const results = Object.entries(trainings).map(([name, training]) =>
  [name, train(training, clusterDevices(cluster, training.groups), part)] as const
);
console.log(JSON.stringify(Object.fromEntries(results)));
Deno.exit(0);
