import { assert, assertEquals, assertRejects } from "@std/assert";
import { joinCluster } from "../../src/engine/mod.ts";
import { freePorts } from "../../src/engine/collective/mod.ts";
import { faultsAmong } from "../../src/run/cluster/faults.ts";
import { environmentOf } from "../../src/run/cluster/launch.ts";
import { membersOf } from "../../src/run/cluster/members.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { defaultConfig } from "../../src/config/default_config.ts";
import { stepSeconds } from "../../bench/scaling/model.ts";
import { left, right } from "../support/either.ts";

const none = () => undefined;
const folder = await Deno.makeTempDir();
const hosts = `${folder}/hosts.json`;
await Deno.writeTextFile(hosts, '["10.0.0.1:4000", "moco-1.moco:4001"]');
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("a process joins a cluster with a patience above 0", async () => {
  const addresses = ["127.0.0.1:4000", "127.0.0.1:4001"];
  for (const patience of [0, -1, NaN, Infinity]) {
    await assertRejects(() => joinCluster({ addresses, rank: 0, patience }), RangeError, `found ${patience}`);
  }
});

Deno.test("a process is alone unless a file or TF_CONFIG names others", async () => {
  assertEquals(right(await membersOf({}, none)()), undefined);
  const found = right(await membersOf({ hosts, rank: "1", timeout: 60 }, none)());
  assertEquals(found, { addresses: ["10.0.0.1:4000", "moco-1.moco:4001"], rank: 1, patience: 50, wire: "float32" });
  const said = '{"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}';
  const variable = right(await membersOf({}, (name) => name === "TF_CONFIG" ? said : undefined)());
  assertEquals([variable?.addresses, variable?.rank], [["a:1", "b:2"], 1]);
});

Deno.test("each worker gets one of the GPUs that the user shows, and none beyond them", () => {
  const shown = (visible?: string) =>
    [0, 1].map((rank) => environmentOf(rank, ["a:1", "b:2"], () => visible).CUDA_VISIBLE_DEVICES);
  assertEquals([undefined, "", "3", "2,5"].map(shown), [["0", "1"], ["", ""], ["3", ""], ["2", "5"]]);
});

Deno.test("the chief of TF_CONFIG is the first worker", async () => {
  const of = async (type: string, index: number) => {
    const said = JSON.stringify({ cluster: { worker: ["a:1", "b:2"], chief: ["c:3"] }, task: { type, index } });
    const found = right(await membersOf({}, (name) => name === "TF_CONFIG" ? said : undefined)());
    return [found?.addresses, found?.rank];
  };
  assertEquals(await of("chief", 0), [["c:3", "a:1", "b:2"], 0]);
  assertEquals(await of("worker", 1), [["c:3", "a:1", "b:2"], 2]);
});

Deno.test("--rank auto is the rank that Slurm or Kubernetes gives", async () => {
  for (const variable of ["SLURM_PROCID", "JOB_COMPLETION_INDEX"]) {
    const found = await membersOf({ hosts, rank: "auto" }, (name) => name === variable ? "1" : undefined)();
    assertEquals(right(found)?.rank, 1);
  }
});

Deno.test("a cluster that is described wrongly is refused, with what was expected", async () => {
  const message = async (
    request: Parameters<typeof membersOf>[0],
    environment: Parameters<typeof membersOf>[1] = none,
  ) => renderRunError(left(await membersOf(request, environment)()));
  const texts = [
    await message({ rank: "0" }),
    await message({ hosts }),
    await message({ hosts, rank: "2" }),
    await message({ hosts, rank: "auto" }),
    await message({}, () => "{}"),
  ];
  assertEquals(texts, [
    "Cannot work together as --rank says: expected --cluster with the addresses of all workers, found none",
    "Cannot work together as --rank says: expected the place of this worker, or auto, found none",
    `Cannot work together as ${hosts} says: expected a rank in [0, 2), found 2`,
    "Cannot work together as --rank auto says: expected one of the variables SLURM_PROCID and JOB_COMPLETION_INDEX, found neither",
    'Cannot work together as TF_CONFIG says: expected {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}, found {}',
  ]);
  const task = (task: unknown, cluster: unknown = { worker: ["a:1", "b:2"] }) =>
    message({}, () => JSON.stringify({ cluster, task }));
  const range = "Cannot work together as TF_CONFIG says: expected a rank in [0, 2), found";
  assertEquals(await task({ type: "worker", index: null }), `${range} null`);
  assertEquals(await task({ type: "worker" }), `${range} nothing`);
  assertEquals(await task({ type: "worker", index: "" }), `${range} ""`);
  assertEquals(await task({ type: "worker", index: 2 }), `${range} 2`);
  for (const said of [await task({ type: "chief", index: 0 }), await message({}, () => "")]) {
    assert(said.includes('TF_CONFIG says: expected {"cluster"'), said);
  }
  assertEquals(
    await task({ type: "worker", index: 0 }, { worker: ["a:1", "b:2", "a:1"] }),
    "Cannot work together as TF_CONFIG says: expected each address once, found a:1 twice",
  );
  assert((await task({ type: "worker", index: 0 }, { worker: ["a:0", "b:2"] })).endsWith('found ["a:0","b:2"]'));
  assert((await task({ type: "worker", index: 0 }, { worker: ["a:65536"] })).endsWith('found ["a:65536"]'));
  assertEquals(
    await message({ hosts, rank: "one" }),
    `Cannot work together as ${hosts} says: expected a rank in [0, 2), found one`,
  );
  assertEquals(await message({ hosts, rank: "auto" }, (name) => name === "SLURM_PROCID" ? "" : undefined), texts[3]);
  const bad = `${folder}/bad.json`;
  await Deno.writeTextFile(bad, '["no port"]');
  assert((await message({ hosts: bad, rank: "0" })).includes('found ["no port"]'));
});

Deno.test("each worker has as many images and groups as the others", () => {
  const paths = (groups: number, batch: number, workers: number) => {
    const { method, training } = defaultConfig;
    return faultsAmong({ ...defaultConfig, method: { ...method, groups }, training: { ...training, batch } }, workers)
      .map(({ path }) => path);
  };
  assertEquals(paths(4, 128, 1), []);
  assertEquals(paths(4, 128, 2), []);
  assertEquals(paths(1, 128, 2), []);
  assertEquals(paths(2, 128, 4), ["method.groups"]);
  assertEquals(paths(3, 128, 3), ["training.batch"]);
});

Deno.test("free ports differ", () => {
  assertEquals(new Set(freePorts(8)).size, 8);
});

Deno.test("a single device spends no time in collectives, and a ring's bytes hardly grow with more", () => {
  const costs = { perImage: 1, batch: 8, gradients: 100, perRow: 0, bandwidth: 10, latency: 0, sums: 1, gathers: 0 };
  assertEquals(stepSeconds(costs, 1), { compute: 8, collective: 0 });
  assertEquals(stepSeconds(costs, 2), { compute: 4, collective: 10 });
  assertEquals(stepSeconds(costs, 8), { compute: 1, collective: 17.5 });
  const slow = { ...costs, gradients: 0, latency: 1, sums: 2, gathers: 3 };
  assertEquals([1, 2, 3].map((devices) => stepSeconds(slow, devices).collective), [0, 10 + 7, 10 + 14]);
});
