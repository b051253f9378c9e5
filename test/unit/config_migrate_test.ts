import { assertEquals } from "@std/assert";
import { parseConfig, readStored } from "../../src/config/config.ts";
import { overridden } from "../../src/config/overridden.ts";
import { migrate } from "../../src/config/migrate.ts";
import { presets } from "../../src/config/presets.ts";
import type { Config } from "../../src/config/types.ts";
import { configDifferences } from "../../src/train/config_differences.ts";
import { right } from "../support/either.ts";

const read = async (name: string) =>
  JSON.parse(await Deno.readTextFile(new URL(`../fixtures/${name}`, import.meta.url)));

const toJson = (value: unknown) => JSON.parse(JSON.stringify(value));

/** The configuration of fields over a preset. */
const over = (preset: string, own: object): Config =>
  right(parseConfig(overridden(presets[preset].config, { ...own })));

Deno.test("a whole configuration that version 0.1 stored, every field of every choice, keeps what it said", async () => {
  const old = await read("config_0.1.json");
  const { method, encoder, optimizer, augment, data, training } = right(parseConfig(old));
  assertEquals(method, {
    ...{ name: "moco", queue: 1024, momentum: 0.99, momentumSchedule: "constant", head: "linear", dimension: 64 },
    ...{ temperature: 0.1, symmetric: true, shuffle: true, groups: 4 },
  });
  assertEquals([encoder.name, "width" in encoder && encoder.width, "patch" in encoder], ["resnet18", 0.5, false]);
  assertEquals([optimizer.learningRate, optimizer.clipNorm, "trust" in optimizer], [0.12, 2, false]);
  assertEquals(augment, old.augment);
  assertEquals(data, { name: "fashion-mnist", limit: 5000 });
  assertEquals(training, { ...old.training, checkpointMinutes: 10 }); // which 0.1 did not have
});

Deno.test("a run of version 0.1 may be gone on with: its stored configuration and the one read of it are the same", async () => {
  const stored = await read("run_0.1/config.json");
  const config = right(parseConfig(stored));
  assertEquals(config.method.name === "moco-v3" && [config.method.dimension, config.method.projector], [
    ...[8, { layers: 3, hidden: 16, lastNorm: true }],
  ]);
  assertEquals(configDifferences(toJson(config), toJson(readStored(stored))), []);
  const other = right(parseConfig(overridden(stored, { method: { projector: { hidden: 17 } } })));
  assertEquals(configDifferences(toJson(other), toJson(readStored(stored))), [
    { path: "method.projector.hidden", expected: "17", found: "16" },
  ]);
  assertEquals(readStored({ training: { epochs: -1 } }), { training: { epochs: -1 } });
});

Deno.test("what unreadable images do is refused with a source that cannot heed it, where version 0.1 did not store it", () => {
  const paths = (own: Record<string, unknown>) => {
    const parsed = parseConfig(overridden(presets["fashion-v2"].config, own));
    return parsed._tag === "Left" ? parsed.left.map(({ _tag, path }) => `${_tag} ${path}`) : [];
  };
  assertEquals(paths({ data: { name: "mnist", onUnreadable: "stop" } }), ["Foreign data.onUnreadable"]);
  assertEquals(paths({ data: { name: "mnist", onUnreadable: "skip" } }), []);
  const stored = { data: { name: "mnist", onUnreadable: "stop" }, encoder: { head: "mlp" } };
  assertEquals(right(parseConfig(stored)).data, { name: "mnist" });
});

Deno.test("version 0.1 stored ViT-tiny's heads with every encoder, and no other heeded them", () => {
  const stored = { channels: 96, depth: 4, heads: 3 };
  const encoder = (name: string) => right(parseConfig({ encoder: { ...stored, name }, augment: { size: 32 } })).encoder;
  assertEquals(
    ["vit-tiny", "vit-small"].map((name) => Object.entries(encoder(name)).find(([one]) => one === "heads")),
    [
      ["heads", 3],
      ["heads", 12],
    ],
  );
});

Deno.test("today's layout comes back as it is, and counts where both are given", () => {
  const today = { method: { name: "moco", head: "mlp" }, encoder: { width: 1 }, data: { name: "folder" } };
  assertEquals(migrate(today), today);
  assertEquals(migrate({ encoder: { head: "mlp", width: 1 }, method: { head: "linear" } }), {
    ...{ encoder: { width: 1 }, method: { head: "linear" } },
  });
  assertEquals(migrate({ predictor: { layers: 0 } }), { method: { predictor: { layers: 0 } } });
  for (const value of [null, 3, "x", [1], { method: 3, projector: {} }]) assertEquals(migrate(value), value);
});

Deno.test("a choice made over a preset drops what belonged to the preset's, and keeps what both have", () => {
  const simclr = over("fashion-v2", { method: { name: "simclr" } });
  assertEquals(simclr.method, { name: "simclr", head: "mlp", dimension: 128, temperature: 0.2, groups: 4 });
  const v3 = over("fashion-v2", { method: { name: "moco-v3" }, optimizer: { name: "lars" } });
  const { method, optimizer } = v3;
  assertEquals(method.name === "moco-v3" && [method.dimension, method.temperature, method.groups], [128, 0.2, 4]);
  assertEquals([optimizer.name, optimizer.learningRate, optimizer.weightDecay], ["lars", 0.3, 1e-6]);
  // This preset has no default in these places: a queue of both directions, the published width.
  const { encoder, augment, method: other } = over("cifar10-symmetric", {
    ...{ method: { name: "end-to-end" }, encoder: { name: "vit-tiny" }, data: { path: "cifar" } },
  });
  assertEquals([encoder.name, "width" in encoder, augment.size], ["vit-tiny", false, 32]);
  assertEquals([other.name, "symmetric" in other], ["end-to-end", false]);
  assertEquals(other.name === "end-to-end" && [other.temperature, other.groups], [0.1, 8]);
});

Deno.test("what a file or flags set themselves is checked as it is", () => {
  const parsed = parseConfig(overridden(presets["fashion-v2"].config, { method: { name: "simclr", queue: 256 } }));
  assertEquals(parsed._tag === "Left" && parsed.left.map(({ _tag, path }) => `${_tag} ${path}`), [
    "Foreign method.queue",
  ]);
});

Deno.test("another optimizer does not keep the learning rate and the weight decay of the one before", () => {
  const numbers = (own: Record<string, unknown>) => {
    const { learningRate, weightDecay, warmupEpochs } = right(
      parseConfig(overridden({ optimizer: { name: "sgd", learningRate: 0.03, weightDecay: 1e-4, warmupEpochs: 2 } }, {
        optimizer: own,
      })),
    ).optimizer;
    return [learningRate, weightDecay, warmupEpochs];
  };
  assertEquals(numbers({ name: "adamw" }), [1e-3, 0.1, 2]);
  assertEquals(numbers({ name: "lars", weightDecay: 0 }), [0.3, 0, 2]);
  assertEquals(numbers({ name: "sgd" }), [0.03, 1e-4, 2]);
  assertEquals(numbers({ warmupEpochs: 1 }), [0.03, 1e-4, 1]);
});
