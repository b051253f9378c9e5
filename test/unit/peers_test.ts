import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { onGpu } from "../../bench/gpu/engine.ts";
import { commandOf, type Contestant, contestants, entrants } from "../../bench/peers/contestants.ts";
import { withDeviceMemory } from "../../bench/peers/device_memory.ts";
import { parseGpu } from "../../bench/peers/gpu.ts";
import { lines } from "../../bench/peers/lines.ts";
import { machineText } from "../../bench/peers/machine.ts";
import { measure, resultsOf, spread } from "../../bench/peers/measure.ts";
import { type Answer, type Peer, start } from "../../bench/peers/peer.ts";
import { tableHeader, tableRows } from "../../bench/peers/table.ts";
import { names, workload } from "../../bench/peers/workloads.ts";
import { left, right } from "../support/either.ts";

// Workloads

Deno.test("a workload is the numbers of its method and its own", () => {
  assertEquals(workload("resnet18-quarter-28-b256", "cpu"), {
    method: "v2",
    encoder: "resnet18",
    stem: "small",
    width: 0.25,
    input: [28, 28, 1],
    batch: 256,
    queue: 4096,
    dimension: 128,
    momentum: 0.99,
    temperature: 0.2,
    learningRate: 0.03,
    velocity: 0.9,
    weightDecay: 1e-4,
    steps: 15,
    repeats: 10,
  });
});

Deno.test("a GPU has batches of its own", () => {
  const batches = (name: string) => [workload(name, "cpu").batch, workload(name, "gpu").batch];
  assertEquals(batches("resnet50-224"), [16, 256]);
  assertEquals(batches("vit-small-224"), [8, 128]);
  assertEquals(batches("resnet18-32-b64"), [64, 64]);
});

Deno.test("every workload has what its method and its timing need", () => {
  const common = ["input", "batch", "dimension", "momentum", "temperature", "learningRate", "weightDecay", "repeats"];
  const own = { v2: ["stem", "width", "queue", "velocity"], v3: ["hidden"] };
  for (const device of ["cpu", "gpu"] as const) {
    for (const name of names) {
      const work = workload(name, device);
      const timing = work.images === undefined ? "steps" : "images";
      const expected = ["method", "encoder", ...common, ...own[work.method], timing];
      assertEquals(Object.keys(work).sort(), expected.sort(), `${name} on ${device}`);
      if (work.method === "v2") assertEquals(work.queue % work.batch, 0, name);
    }
  }
});

Deno.test("a workload that there is not is refused by name", () => {
  assertThrows(() => workload("resnet18", "cpu"), RangeError, "found resnet18");
});

// Contestants

const namesOf = (some: readonly Contestant[]) => some.map(({ name }) => name);

Deno.test("who takes part follows from method, kind of workload, device and bfloat16", () => {
  const processor = { device: "cpu", bfloat16: false } as const;
  const [v2, v3] = [{ method: "v2", encoder: "resnet50" }, { method: "v3", encoder: "vit-small" }] as const;
  const float32 = ["ours-compiled", "ours-eager", "pytorch-eager", "pytorch-channels-last", "pytorch-compiled"];
  assertEquals(namesOf(entrants(v2, processor)), [...float32, "jax"]);
  assert(namesOf(entrants({ ...v2, encoder: "resnet18" }, processor)).includes("tfjs"));
  assertEquals(namesOf(entrants({ ...v2, images: 100 }, processor)), [...float32, "lightly"]);
  assertEquals(
    namesOf(entrants(v3, processor)),
    float32.filter((name) => name !== "pytorch-channels-last"),
  );
  assertEquals(
    namesOf(entrants(v3, { device: "cpu", bfloat16: true })).filter((name) => name.includes("bfloat16")),
    ["ours-bfloat16", "pytorch-bfloat16", "pytorch-bfloat16-compiled"],
  );
  const named = ["ours-bfloat16", "pytorch-eager", "lightly"]; // bfloat16 is emulated for who asks for it
  assertEquals(namesOf(entrants(v2, processor, named)), ["ours-bfloat16", "pytorch-eager"]);
  const onGpu = namesOf(entrants(v2, { device: "gpu", bfloat16: true }));
  assert(onGpu.includes("pytorch-graphs") && onGpu.includes("pytorch-bfloat16-graphs") && !onGpu.includes("jax"));
});

Deno.test("ours compiled comes first, and every name stands for one contestant whose program is there", () => {
  assertEquals(contestants[0].name, "ours-compiled");
  assertEquals(new Set(namesOf(contestants)).size, contestants.length);
  for (const contestant of contestants) {
    const [program, args] = commandOf(contestant, "the/python");
    const python = contestant.script[0].endsWith(".py");
    assertEquals(program, python ? "the/python" : Deno.execPath());
    assert(Deno.statSync(args.at(-2)!).isFile);
    assertEquals(args.at(-1), contestant.script[1]);
  }
});

// Measuring

const quietly = () => {};

/** A contestant whose turns take the given times, one after another. */
function fake(name: string, milliseconds: readonly number[], answer: Partial<Answer> = {}, log: string[] = []) {
  return (): Peer => {
    let turn = 0;
    return {
      contestant: { name, title: `the ${name}`, script: ["ours.ts", name] },
      go: (steps) => {
        log.push(`${name} ${steps}`);
        const loss = turn;
        return Promise.resolve({ milliseconds: milliseconds[turn++], loss, parameters: 7, versions: {}, ...answer });
      },
      age: () => 3,
      peakMemory: () => 100,
      busy: () => 0,
      stop: () => Promise.resolve(void log.push(`${name} stops`)),
    };
  };
}

Deno.test("the median is the middle value, or the mean of the two", () => {
  assertEquals(spread([5, 1, 9]), { median: 5, least: 1, greatest: 9 });
  assertEquals(spread([8, 2, 4, 100]), { median: 6, least: 2, greatest: 100 });
});

Deno.test("a group takes turns, and neither the first step nor the two rounds after it count", async () => {
  const log: string[] = [];
  // First step, two rounds that do not count, two that do.
  const group = [fake("hare", [900, 800, 700, 10, 20], {}, log), fake("tortoise", [9, 9, 9, 40, 20], {}, log)];
  const { runs, failures } = await measure([group], { steps: 4 }, 2, quietly);
  assertEquals(failures, []);
  const round = ["hare 4", "tortoise 4"];
  assertEquals(log, ["hare 1", "tortoise 1", ...round, ...round, ...round, ...round, "hare stops", "tortoise stops"]);

  const [hare, tortoise] = resultsOf(runs, 8);
  assertEquals(hare.milliseconds, [10, 20]);
  assertEquals(hare.imagesPerSecond, { median: 600, least: 400, greatest: 800 });
  assertEquals(hare.ratio, { median: 1, least: 1, greatest: 1 });
  assertEquals(tortoise.ratio, { median: 2.5, least: 1, greatest: 4 }); // 40 / 10 and 20 / 20
  assertEquals(tortoise.losses, [0, 1, 2, 3, 4]);
  assertEquals([tortoise.firstStep, tortoise.peakMemory, tortoise.parameters], [3, 100, 7]);
});

Deno.test("steps at the start of a turn can be left out of its time", async () => {
  const log: string[] = [];
  const group = [fake("hare", [900, 800, 700, 600, 500, 400, 10], {}, log)];
  const { runs } = await measure([group], { steps: 3, untimed: 2 }, 1, quietly);
  const turn = ["hare 2", "hare 3"];
  assertEquals(log, ["hare 1", ...turn, ...turn, ...turn, "hare stops"]);
  assertEquals(resultsOf(runs, 8)[0].milliseconds, [10]);
});

Deno.test("groups run one after another, and one that fails costs the others nothing", async () => {
  const log: string[] = [];
  const times = [1, 1, 1, 5];
  const broken = (): Peer => ({
    ...fake("broken", times, {}, log)(),
    go: () => Promise.reject(new Error("no memory")),
  });
  const groups = [[fake("hare", times, {}, log)], [broken], [fake("tortoise", times, {}, log)]];
  const { runs, failures } = await measure(groups, { steps: 2 }, 1, quietly);
  assertEquals(runs.map(({ contestant }) => contestant), ["hare", "tortoise"]);
  assertEquals(failures, ["no memory"]);
  const alone = (name: string) => [`${name} 1`, `${name} 2`, `${name} 2`, `${name} 2`, `${name} stops`];
  assertEquals(log, [...alone("hare"), "broken stops", ...alone("tortoise")]);
});

Deno.test("networks of different sizes are not compared, in a group or one after another", async () => {
  const [seven, eight] = [fake("seven", [1, 1, 1, 1]), fake("eight", [1, 1, 1, 1], { parameters: 8 })];
  const reason = "Cannot compare the eight: expected 7 parameters, found 8";
  assertEquals(await measure([[seven, eight]], { steps: 1 }, 1, quietly), { runs: [], failures: [reason] });
  const apart = await measure([[seven], [eight]], { steps: 1 }, 1, quietly);
  assertEquals([apart.runs.length, apart.failures], [1, [reason]]);
});

Deno.test("a device's peak memory is the most that a contestant has added to what was taken", async () => {
  const readings = [500, 700, 900, 600];
  const peer = withDeviceMemory(fake("hare", [1, 1, 1]), () => readings.shift()!)();
  for (let turn = 0; turn < 3; turn++) await peer.go(1);
  assertEquals(peer.peakMemory(), 400);
});

// Processes

/** A program that speaks the protocol: it says how many steps it was told, and ends where it is told 13. */
const program = `
const [title] = Deno.args;
for await (const chunk of Deno.stdin.readable) {
  for (const line of new TextDecoder().decode(chunk).trim().split("\\n")) {
    const steps = Number(line.split(" ")[1]);
    if (steps === 13) Deno.exit(3);
    console.log(JSON.stringify({ milliseconds: steps, loss: 0.5, parameters: 7, versions: { title } }));
  }
}`;

async function withProgram(use: (peer: Peer) => Promise<void>): Promise<void> {
  const path = Deno.makeTempFileSync({ suffix: ".ts" });
  Deno.writeTextFileSync(path, program);
  const command = [Deno.execPath(), ["run", "--no-config", "--no-check", path]] as const;
  const peer = start({ name: "fake", title: "the fake", script: ["", ""] }, [command[0], [...command[1]]], ["Fake"]);
  try {
    await use(peer);
  } finally {
    await peer.stop();
    Deno.removeSync(path);
  }
}

Deno.test("a contestant's process answers as often as it is told to go, and ends with its input", async () => {
  await withProgram(async (peer) => {
    for (const steps of [1, 2, 3]) {
      const answer = { milliseconds: steps, loss: 0.5, parameters: 7, versions: { title: "Fake" } };
      assertEquals(await peer.go(steps), answer);
    }
  });
});

Deno.test("a contestant's process that ends is named", async () => {
  await withProgram(async (peer) => {
    await assertRejects(() => peer.go(13), Error, "Cannot time the fake: its process ended");
    await assertRejects(() => peer.go(1), Error, "Cannot time the fake: its process ended");
  });
});

Deno.test("lines come whole, whatever the pieces they arrive in", async () => {
  const pieces = ["on", "e\ntwo\nthr", "ee\n"].map((text) => new TextEncoder().encode(text));
  assertEquals(await Array.fromAsync(lines(ReadableStream.from(pieces))), ["one", "two", "three"]);
});

// What is printed

Deno.test("the table has a row for each contestant, under a workload that stands once", async () => {
  const peers = [fake("hare", [1, 1, 1, 10]), fake("tortoise", [1, 1, 1, 25])];
  const { runs } = await measure([peers], { steps: 1 }, 1, quietly);
  const rows = tableRows("vit-small-224", workload("vit-small-224", "cpu"), resultsOf(runs, 8)).split("\n");
  assertEquals(rows, [
    "| vit-small-224, batch 8 | the hare | 800 |  | 100 MiB | 3.0 s |  |",
    "|  | the tortoise | 320 | 2.50x (2.50 to 2.50) | 100 MiB | 3.0 s |  |",
  ]);
  const columns = (row: string) => row.split("|").length;
  for (const row of tableHeader("gpu").split("\n")) assertEquals(columns(row), columns(rows[0]));
});

// The GPU

const gpu = { name: "NVIDIA H100 80GB HBM3", driver: "580.95.05", memory: 81559, capability: 9 };

Deno.test("a GPU is read from nvidia-smi's line, and another line is refused", () => {
  assertEquals(right(parseGpu("NVIDIA H100 80GB HBM3, 580.95.05, 81559, 9.0\n")), gpu);
  for (const line of ["", "No devices were found", "NVIDIA H100, 580.95.05, [N/A], 9.0"]) {
    assertMatch(left(parseGpu(line)), /^Cannot read nvidia-smi: expected name, .* found "/);
  }
});

Deno.test("a machine is named by its GPU first", () => {
  const machine = { device: "gpu", processor: "AMD EPYC", cores: 16, gpu, bfloat16: true } as const;
  assertEquals(
    machineText(machine),
    "NVIDIA H100 80GB HBM3 (driver 580.95.05, 81559 MiB), AMD EPYC, 16 cores, with bfloat16",
  );
});

Deno.test("an engine without the GPU is refused with what it is", () => {
  const engine = { tensorflow: "2.21.0", library: "lib/libtensorflow_cc.so.2", source: "MOCO_TENSORFLOW" };
  const devices = [{ name: "CPU:0", type: "CPU" }];
  assertMatch(
    left(onGpu({ ...engine, devices }, gpu)),
    /expected TensorFlow to find NVIDIA H100 80GB HBM3, found CPU with TensorFlow 2\.21\.0 in lib/,
  );
  const whole = { ...engine, devices: [...devices, { name: "GPU:0", type: "GPU" }] };
  assertEquals(right(onGpu(whole, gpu)), whole);
});

Deno.test("without a GPU, its bench says so in one sentence and ends with code 1", async () => {
  const path = new URL("../../bench/gpu/run.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", path],
    env: { CUDA_VISIBLE_DEVICES: "-1" }, // none, also where there is one
    stdin: "null",
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([code, out], [1, ""]);
  assertEquals(
    error,
    "Cannot measure on a GPU: expected Linux and an NVIDIA GPU whose driver supports CUDA 12, " +
      "found none with CUDA_VISIBLE_DEVICES=-1\n",
  );
});
