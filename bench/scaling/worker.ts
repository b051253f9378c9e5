/**
 * Times steps as one of several processes: `worker.ts <workload> <steps> <wire> <rank> <addresses...>`. It prints
 * milliseconds a step as JSON, with what all compute together and without it.
 *
 * @module
 */
import {
  clusterDevices,
  type Devices,
  dispose,
  jit,
  joinCluster,
  key,
  leaves,
  scope,
  type Tensor,
  tf,
  virtualDevices,
  type Wire,
} from "../../mod.ts";
import { median } from "./median.ts";
import { type Workload, workloads } from "./workloads.ts";

const [name, stepsText, wire, rankText, ...addresses] = Deno.args;
const [work, steps, count] = [workloads[name], Number(stepsText), addresses.length];

/** The devices as they would be if the others' rows and gradients were those of this one. */
function alone(groups: Devices["groups"]): Devices {
  const gather = (rows: Tensor) => tf.concat(Array.from({ length: count }, () => rows), 0);
  return { ...virtualDevices(), count, groups, gather, exchange: (rows) => tf.clone(rows) };
}

/** The median time of a step, milliseconds. */
function time({ batch, input, method }: Workload, devices: Devices): { readonly ms: number; readonly bytes: number } {
  const { init, step } = method(devices);
  const compiled = jit(step, { donated: [0], name: "step" });
  const views = scope(() => ({
    query: tf.randomNormal([batch / devices.count, ...input]),
    key: tf.randomNormal([batch / devices.count, ...input]),
  }));
  let state = init(key(0));
  const bytes = leaves((state as unknown as { readonly query: { readonly params: Tensor } }).query.params)
    .reduce((sum, { size }) => sum + 4 * size, 0);
  const times: number[] = [];
  for (let number = 0; number < steps + 2; number++) {
    const began = performance.now();
    const next = compiled(state, views);
    next.metrics.loss.dataSync();
    dispose(next.metrics);
    state = next.state;
    times.push(performance.now() - began);
  }
  dispose({ state, views });
  return { ms: median(times.slice(2)), bytes };
}

if (count === 1) {
  console.log(JSON.stringify(time(work, virtualDevices(work.groups === "all" ? 1 : 2))));
} else {
  const cluster = await joinCluster({ addresses, rank: Number(rankText), patience: 120, wire: wire as Wire });
  const { ms, bytes } = time(work, clusterDevices(cluster, work.groups));
  console.log(JSON.stringify({ ms, bytes, alone: time(work, alone(work.groups)).ms }));
}
Deno.exit(0);
