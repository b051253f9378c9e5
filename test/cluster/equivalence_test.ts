/**
 * Several processes, each with a part of the batch, do what one process does with all of it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { virtualDevices } from "../../src/core/devices.ts";
import { key, normal } from "../../src/core/random.ts";
import { type Hosts, openHosts } from "../../bench/scaling/hosts.ts";
import { assertClose } from "../support/close.ts";
import { ofSeveralHosts, oneThread } from "./processes.ts";
import { measure, type Measured } from "./measured.ts";
import { type Left, train, trainings } from "./trainings.ts";

const program = new URL("./member.ts", import.meta.url);

/** What a process of a cluster computed. */
type Computed = {
  /** Means of tensors, by size and first number. */
  readonly means: readonly (readonly number[])[];
  /** The means of a matrix that travels in bfloat16, and of a vector with the same numbers. */
  readonly narrow: readonly (readonly number[])[];
  /** The features of images that they shared. */
  readonly measured: readonly Measured[];
  /** What its trainings left. */
  readonly left: Readonly<Record<string, Left>>;
};

/** Where the processes of a cluster run. */
type Places = Pick<Hosts, "addresses" | "on">;

/** What all processes of a cluster computed. */
async function trainTogether({ addresses, on }: Places): Promise<readonly Computed[]> {
  const outputs = await Promise.all(addresses.map((_, rank) => {
    const own = [Deno.execPath(), "run", "--no-check", "-A", program.href, String(rank), ...addresses];
    const [command, ...args] = on(rank, own);
    return new Deno.Command(command, { args, env: oneThread }).output();
  }));
  return outputs.map(({ code, stdout, stderr }) => {
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const [computed, left] = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
    return { ...computed, left };
  });
}

/** Sums in another order, over a few steps: as the tolerance of a step, whose terms often cancel. */
const state = { relative: 1e-3, absolute: 2e-5 };

/** Several addresses of this machine. */
const loopback = (count: number): Places => ({
  addresses: ofSeveralHosts(count),
  on: (_, [command, ...args]) => [command, ...args],
});

for (const count of [2, 4]) {
  Deno.test(`${count} processes with a part of the batch each equal one process with ${count} virtual devices`, async () => {
    await assertEquivalent(await trainTogether(loopback(count)));
  });
}

/** Who is not root gets none. */
const areThereHosts = await openHosts(1).then((hosts) => hosts.close()).then(() => true, () => false);

Deno.test({
  name: "so do 2 processes on hosts that only a network joins",
  ignore: !areThereHosts,
  fn: async () => {
    const { addresses, on, close } = await openHosts(2);
    try {
      await assertEquivalent(await trainTogether({ addresses: addresses.map((address) => `${address}:4000`), on }));
    } finally {
      await close();
    }
  },
});

/** Compares what several processes computed with what one process does with as many virtual devices. */
async function assertEquivalent([computed, ...others]: readonly Computed[]): Promise<void> {
  const count = 1 + others.length;
  for (const other of others) assertEquals(other, computed, "the processes differ, bit for bit");
  const { means, narrow: [matrix, vector], measured, left: first } = computed;
  assertEquals(measured, await measure(virtualDevices()), "features");
  const middle = (count - 1) / 2; // each process had its rank added
  const sizes = [10, 1_500_000, 700_000, 2_500_000, 20];
  assertEquals(means, sizes.map((size, index) => [size, index + middle]));
  // bfloat16 has 8 bits: a normal number is rounded by up to 2^-8 of itself, and so is each sum of some.
  const numbers = Array.from({ length: count }, (_, rank) => [...normal(key(rank), [2000]).dataSync()]);
  const mean = vector.map((_, index) => numbers.reduce((sum, each) => sum + each[index], 0) / count);
  const size = vector.map((_, index) => numbers.reduce((sum, each) => sum + Math.abs(each[index]), 0) / count);
  assertClose(vector, mean, "elementwise", "the mean of a vector");
  matrix.forEach((value, index) => assert(Math.abs(value - mean[index]) <= (count + 1) * 2 ** -8 * size[index]));
  assert(matrix.some((value, index) => value !== vector[index]), "nothing travelled in bfloat16");
  for (const [name, training] of Object.entries(trainings)) {
    const expected = train(training, virtualDevices(training.groups === "all" ? 1 : count));
    assertClose(first[name].losses, expected.losses, { relative: 0, absolute: 1e-5 }, `${name}: loss`);
    assertClose(first[name].state, expected.state, state, name);
  }
  // Batch norm has seen other samples in each process: with those of all it would give another loss.
  const together = train(trainings.v2, virtualDevices());
  assert(Math.abs(first.v2.losses[0] - together.losses[0]) > 1e-3);
}
