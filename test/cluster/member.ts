/**
 * One of several processes that take part in the trainings of `trainings.ts`: prints what they left, as JSON. First it
 * prints the means of tensors that make several messages, and the features of `measured.ts`.
 *
 * @module
 */
import { clusterDevices } from "../../src/core/devices.ts";
import { key, normal } from "../../src/core/random.ts";
import { joinCluster, tf } from "../../src/engine/mod.ts";
import { measure } from "./measured.ts";
import { train, trainings } from "./trainings.ts";

const [rank, ...addresses] = Deno.args;
const cluster = await joinCluster({ addresses, rank: Number(rank), patience: 60 });
const part = { index: cluster.rank, count: cluster.size };
const { mean } = clusterDevices(cluster);
const large = [10, 1_500_000, 700_000, 2_500_000, 20].map((size, index) =>
  [String(index), tf.add(tf.range(0, size), index + cluster.rank)] as const
);
const means = Object.values(mean(Object.fromEntries(large))).map((leaf) => [leaf.size, leaf.dataSync()[0]]);
// In bfloat16: a matrix, and a vector, which travels in float32 all the same.
const drawn = { matrix: [40, 50], vector: [2000] };
const narrow = clusterDevices({ ...cluster, wire: "bfloat16" }).mean(
  Object.fromEntries(Object.entries(drawn).map(([name, shape]) => [name, normal(key(cluster.rank), shape)])),
);
const measured = await measure(clusterDevices(cluster));
console.log(JSON.stringify({ means, narrow: Object.values(narrow).map((leaf) => [...leaf.dataSync()]), measured }));
const results = Object.entries(trainings).map(([name, training]) =>
  [name, train(training, clusterDevices(cluster, training.groups), part)] as const
);
console.log(JSON.stringify(Object.fromEntries(results)));
Deno.exit(0);
