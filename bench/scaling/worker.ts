/**
 * Takes steps as one of several processes: `worker.ts <workload> <batch> <wire> <rank> <addresses...>`.
 *
 * A line "together n" on standard input runs n steps, and "alone n" runs them without what all compute together. The
 * answer is one line of JSON on standard output, a {@linkcode Turn}.
 *
 * @module
 */
import process from "node:process";
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
import { lines } from "../peers/lines.ts";
import type { Turn } from "./team.ts";
import { workloads } from "./workloads.ts";

const [name, batch, wire, rank, ...addresses] = Deno.args;
const [{ groups, input, method }, count] = [workloads[name], addresses.length];

/** The devices as they would be if the others' rows and gradients were those of this one. */
function alone(groups: Devices["groups"]): Devices {
  const gather = (rows: Tensor) => tf.concat(Array.from({ length: count }, () => rows), 0);
  return { ...virtualDevices(), count, groups, gather, exchange: (rows) => tf.clone(rows) };
}

/** What takes steps on some devices. */
function runner(devices: Devices): (steps: number) => Turn {
  const { init, step } = method(devices);
  const compiled = jit(step, { donated: [0], name: "step" });
  const shape = [Number(batch) / devices.count, ...input];
  const views = scope(() => ({ query: tf.randomNormal(shape), key: tf.randomNormal(shape) }));
  let state = init(key(0));
  const bytes = leaves((state as unknown as { readonly query: { readonly params: Tensor } }).query.params)
    .reduce((sum, { size, rank }) => sum + size * (wire === "bfloat16" && rank > 1 ? 2 : 4), 0);
  return (steps) => {
    const [began, before] = [performance.now(), process.cpuUsage()];
    for (let number = 0; number < steps; number++) {
      const next = compiled(state, views);
      next.metrics.loss.dataSync();
      dispose(next.metrics);
      state = next.state;
    }
    const { user, system } = process.cpuUsage(before);
    return { ms: (performance.now() - began) / steps, processor: (user + system) / 1000 / steps, bytes };
  };
}

const together = runner(
  count === 1
    ? virtualDevices(groups === "all" ? 1 : 2)
    : clusterDevices(await joinCluster({ addresses, rank: Number(rank), patience: 120, wire: wire as Wire }), groups),
);
const byName: Readonly<Record<string, (steps: number) => Turn>> = {
  together,
  alone: count === 1 ? together : runner(alone(groups)),
};
for await (const line of lines(Deno.stdin.readable)) {
  const [how, steps] = line.split(" ");
  console.log(JSON.stringify(byName[how](Number(steps))));
}
Deno.exit(0);
