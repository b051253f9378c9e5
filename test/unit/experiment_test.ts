import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Either } from "../../src/core/either.ts";
import type { Config } from "../../src/config/types.ts";
import { dispose } from "../../src/core/scope.ts";
import { decodePng } from "../support/decoded.ts";
import { cellFolder, type CellResult } from "../../src/experiment/cell_result.ts";
import { chosen, labelsFrom } from "../../src/experiment/choose.ts";
import { renderExperimentError } from "../../src/experiment/errors.ts";
import { experiments } from "../../src/experiment/experiments/mod.ts";
import { figuresOf, paperFigure } from "../../src/experiment/figures.ts";
import { type Cell, combinations, digestOf, grid } from "../../src/experiment/grid.ts";
import { measures } from "../../src/experiment/measures.ts";
import { experimentPage } from "../../src/experiment/report.ts";
import type { Attempt } from "../../src/experiment/attempt.ts";
import { type CellsRun, runCells } from "../../src/experiment/run_cells.ts";
import { rowsOf, spreadOf } from "../../src/experiment/summary.ts";
import { markdown, tableOf } from "../../src/experiment/table.ts";
import { type Experiment, type Labels, type Scale, scales, type Variant } from "../../src/experiment/types.ts";
import { standalone, toPng } from "../../src/report/picture.ts";
import { left, right } from "../support/either.ts";
import { fieldAt } from "../support/field_at.ts";

const toy: Experiment = {
  title: "Toy <b>",
  question: "Is it so?",
  paper: { source: "a paper", finding: "It is.", header: ["m", "linear (%)"], rows: [["0", "fails"], ["0.9", 55.2]] },
  scales: {
    smoke: {
      preset: "fashion-v2",
      seeds: 2,
      config: { encoder: { width: 0.125 }, optimizer: { warmupEpochs: 0 }, training: { epochs: 2 } },
    },
    laptop: { preset: "fashion-v2", seeds: 3 },
    cifar: { preset: "cifar10", seeds: 3 },
    paper: { preset: "v2", seeds: 1 },
  },
  axes: [
    { name: "m", variants: [0, 0.9].map((momentum) => ({ label: `${momentum}`, config: { method: { momentum } } })) },
    {
      name: "encoder",
      variants: [
        { label: "ResNet" },
        {
          label: "ViT",
          preset: { smoke: "v3-vit-tiny", laptop: "v3-vit-tiny", cifar: "v3-vit-tiny", paper: "v3-vit-small" },
        },
      ],
    },
  ],
  measures: ["knn", "epochs"],
  figures: [
    { kind: "line", title: "kNN over m", axis: "m", measures: ["knn"] },
    { kind: "curves", title: "Norms", over: "step", y: "Norm", of: ["norm.first", "norm.second"] },
  ],
};

const cells = right(grid(toy, "smoke"));

async function inTemporary(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A run of the toy's cells that notes which of them it was asked for; an attempt takes a minute. */
function toyRun(folder: string, attempt: (cell: Cell) => Attempt = () => ({ _tag: "Finished", values: { knn: 0.5 } })) {
  const attempted: string[] = [];
  const notes: string[] = [];
  let time = 0;
  const run: CellsRun<never> = {
    cells,
    folder,
    measures: ["knn"],
    attempt: (cell, cellsOwn) => async () => {
      attempted.push(cell.name);
      time += 60_000;
      await Deno.mkdir(cellsOwn, { recursive: true });
      return Either.right(attempt(cell));
    },
    note: (line) => notes.push(line.trim()),
    now: () => time,
  };
  return { run, attempted, notes };
}

Deno.test("a grid is every combination of the axes with each seed, overridden in order", () => {
  assertEquals(cells.map(({ name }) => name), [
    "m 0, encoder ResNet, seed 0",
    "m 0, encoder ViT, seed 0",
    "m 0.9, encoder ResNet, seed 0",
    "m 0.9, encoder ViT, seed 0",
    "m 0, encoder ResNet, seed 1",
    "m 0, encoder ViT, seed 1",
    "m 0.9, encoder ResNet, seed 1",
    "m 0.9, encoder ViT, seed 1",
  ]);
  const [resnet, , , vit] = cells.map(({ config }) => config);
  assertEquals(["method.momentum", "encoder.width", "training.epochs"].map((path) => fieldAt(resnet, path)), [
    0,
    0.125,
    2,
  ]);
  // The scale's width belongs to ResNets: a ViT does without it.
  assertEquals(["method.momentum", "encoder.name", "training.epochs"].map((path) => fieldAt(vit, path)), [
    ...[0.9, "vit-tiny", 2],
  ]);
  const asked = { training: { epochs: 5, seed: 7 }, method: { momentum: 0.5 } };
  const chosen = right(grid(toy, "smoke", { seeds: 1, config: asked }));
  assertEquals(chosen.map(({ config: { training } }) => [training.epochs, training.seed]), Array(4).fill([5, 7]));
  // What a label says stays so.
  assertEquals(chosen.map(({ config }) => fieldAt(config, "method.momentum")), [0, 0, 0.9, 0.9]);
});

Deno.test("a value is combined with those that it goes with, at its scales", () => {
  const [m, encoder] = toy.axes;
  const [small, large] = encoder.variants;
  const paired = {
    ...toy,
    axes: [m, {
      ...encoder,
      variants: [
        { ...small, with: { m: ["0.9"] } },
        { ...small, with: { m: ["0"] }, config: { encoder: { width: 0.5 } } },
        { ...large, with: { m: ["0"] }, at: ["laptop", "paper"] },
      ],
    }],
  } as const satisfies Experiment;
  const cellsAt = (scale: Scale) =>
    right(grid(paired, scale, { seeds: 1, config: { data: { path: "images" } } })).map(({ labels, config }) => [
      labels.m,
      labels.encoder,
      fieldAt(config, "encoder.width"),
    ]);
  assertEquals(cellsAt("smoke"), [["0", "ResNet", 0.5], ["0.9", "ResNet", 0.125]]);
  assertEquals(cellsAt("laptop").map(([m, encoder]) => [m, encoder]), [["0", "ResNet"], ["0", "ViT"], [
    "0.9",
    "ResNet",
  ]]);
});

Deno.test("a cell that cannot be is named with its faults", () => {
  const error = left(grid(toy, "smoke", { config: { training: { batch: 1 } } }));
  assertEquals([error.name, error.faults[0].path], ["m 0, encoder ResNet, seed 0", "training.batch"]);
});

Deno.test("a digest follows what a configuration reads, not the order of its fields", () => {
  const [{ config, digest }] = cells;
  const turned = Object.fromEntries(Object.entries(config).reverse()) as Config;
  assertEquals(digestOf(turned), digest);
  assertEquals(new Set(cells.map((cell) => cell.digest)).size, cells.length);
  assert(digestOf({ ...config, training: { ...config.training, batch: 64 } }) !== digest);
});

Deno.test("every experiment's cells are valid at every scale, and its figures and paper's rows name its axes", async () => {
  for (const [name, experiment] of Object.entries(experiments)) {
    for (const scale of scales) {
      const found = right(grid(experiment, scale, { config: { data: { path: "images" } } }));
      const { seeds } = experiment.scales[scale];
      const count = combinations(experiment.axes, scale).length;
      assertEquals(new Set(found.map(({ digest }) => digest)).size, seeds * count, `${name} at ${scale}`);
      assertEquals(new Set(found.map((cell) => cell.name)).size, seeds * count, `${name} at ${scale}`);
    }
    const labels = Object.fromEntries(
      experiment.axes.map((axis) => [axis.name, new Set(axis.variants.map(({ label }) => label))]),
    );
    const named = (wanted: Labels = {}) =>
      Object.entries(wanted).every(([axis, some]) => some.every((label) => labels[axis].has(label)));
    assert(experiment.axes.every(({ variants }) => variants.every((variant) => named(variant.with))), name);
    const { reference } = experiment;
    assert(
      reference === undefined ||
        scales.some((scale) =>
          combinations(experiment.axes, scale).some((variants) =>
            variants.every(({ label }, i) => reference[experiment.axes[i].name] === label)
          )
        ),
      name,
    );
    assert(experiment.figures.every((figure) => figure.kind === "curves" || named(figure.with)), name);
    assertEquals(await figuresOf(experiment, [], []), []);
    await paperFigure(experiment);
    const first = combinations(experiment.axes.slice(0, 1), "paper").map(([{ label }]) => label);
    assertEquals(experiment.paper.rows.filter(([label]) => !first.includes(String(label))), [], name);
  }
  const momenta = right(grid(experiments.momentum, "laptop", { seeds: 1 }));
  assertEquals(momenta.map(({ config }) => fieldAt(config, "method.momentum")), [0, 0.9, 0.99, 0.999, 0.9999]);
  const patches = right(grid(experiments["frozen-patch"], "laptop", { seeds: 1 }));
  assertEquals(patches.map(({ config }) => fieldAt(config, "encoder.patchStem")), ["learned", "frozen"]);
});

Deno.test("mechanisms: K is the batch end-to-end, the sampled keys of the bank and the queue of MoCo", () => {
  const found = (scale: Scale) =>
    right(grid(experiments.mechanisms, scale, { seeds: 1, config: { data: { path: "images" } } })).map((
      { labels, config },
    ) => {
      const { batch } = config.training;
      const paths = { "end-to-end": "training.batch", "memory-bank": "method.negatives", "moco": "method.queue" };
      const size = Number(fieldAt(config, paths[config.method.name as keyof typeof paths]));
      assertEquals(labels.K, size.toLocaleString("en-US"));
      return `${labels.mechanism} ${size} of batch ${batch}`;
    });
  assertEquals(found("laptop"), [
    "end-to-end 64 of batch 64",
    "end-to-end 128 of batch 128",
    "end-to-end 256 of batch 256",
    "memory bank 256 of batch 128",
    "memory bank 1024 of batch 128",
    "memory bank 4096 of batch 128",
    "MoCo 256 of batch 128",
    "MoCo 1024 of batch 128",
    "MoCo 4096 of batch 128",
  ]);
  const keys = [64, 256, 1024, 4096, 16384];
  assertEquals(
    found("cifar").filter((cell) => cell.endsWith("of batch 64")),
    [
      "end-to-end 64 of batch 64",
      ...keys.map((count) => `memory bank ${count} of batch 64`),
      ...keys.map((count) => `MoCo ${count} of batch 64`),
    ],
  );
  assertEquals(found("cifar").slice(1, 4), [256, 1024, 4096].map((count) => `end-to-end ${count} of batch ${count}`));
  assertEquals(found("paper").filter((cell) => cell.startsWith("end-to-end")).length, 3);
  assertEquals(found("paper").at(-1), "MoCo 65536 of batch 256");
  const [{ config }] = right(grid(experiments.mechanisms, "laptop", { seeds: 1, config: { training: { batch: 32 } } }));
  assertEquals(config.training.batch, 64, "its label says so");
});

Deno.test("v2-ablation: the recipes are what they are called, from v1 to v2, and SimCLR with v2's", () => {
  const found = right(grid(experiments["v2-ablation"], "laptop")).map(({ labels, config }) => {
    const { method, augment, optimizer, training: { epochs, batch } } = config;
    const temperature = fieldAt(config, "method.temperature");
    assertEquals(labels.T, String(temperature));
    const parts = [
      method.name,
      temperature,
      fieldAt(config, "method.head"),
      augment.recipe,
      optimizer.schedule,
      epochs,
      batch,
    ];
    return `${labels.recipe}: ${parts.join(" ")}`;
  });
  assertEquals(found, [
    "v1: moco 0.07 linear v1 step 5 128",
    "aug+: moco 0.07 linear v2 step 5 128",
    "MLP: moco 0.07 mlp v1 step 5 128",
    "MLP: moco 0.1 mlp v1 step 5 128",
    "MLP: moco 0.2 mlp v1 step 5 128",
    "MLP: moco 0.5 mlp v1 step 5 128",
    "MLP, aug+: moco 0.2 mlp v2 step 5 128",
    "v2: moco 0.2 mlp v2 cosine 5 128",
    "v2, 20 epochs: moco 0.2 mlp v2 cosine 20 128",
    "SimCLR, batch 128: simclr 0.2 mlp v2 cosine 5 128",
    "SimCLR, batch 512: simclr 0.2 mlp v2 cosine 5 512",
  ]);
});

Deno.test("v3: each setting differs from the baseline in what it is called", () => {
  const found = right(grid(experiments.v3, "laptop")).map(({ labels, config }) => {
    const parts = [
      ...["encoder.patchStem", "method.predictor.layers", "method.momentum", "method.momentumSchedule"],
      ...["training.batch", "optimizer.learningRate", "encoder.position"],
    ].map((path) => fieldAt(config, path));
    return `${labels.setting}: ${parts.join(" ")}`;
  });
  assertEquals(found, [
    "baseline: frozen 2 0.99 cosine 256 0.0005 sin-cos",
    "baseline: frozen 2 0.99 cosine 256 0.001 sin-cos",
    "baseline: frozen 2 0.99 cosine 256 0.002 sin-cos",
    "learned patches: learned 2 0.99 cosine 256 0.0005 sin-cos",
    "learned patches: learned 2 0.99 cosine 256 0.001 sin-cos",
    "learned patches: learned 2 0.99 cosine 256 0.002 sin-cos",
    "no predictor: frozen 0 0.99 cosine 256 0.001 sin-cos",
    "m 0: frozen 2 0 constant 256 0.001 sin-cos",
    "m 0.9: frozen 2 0.9 cosine 256 0.001 sin-cos",
    "m 0.999: frozen 2 0.999 cosine 256 0.001 sin-cos",
    "learned positions: frozen 2 0.99 cosine 256 0.001 learned",
    "no positions: frozen 2 0.99 cosine 256 0.001 none",
    "batch 128: frozen 2 0.99 cosine 128 0.001 sin-cos",
    "batch 512: frozen 2 0.99 cosine 512 0.001 sin-cos",
  ]);
});

Deno.test("a finished cell is not run again, and one without a whole result is", () =>
  inTemporary(async (folder) => {
    const first = toyRun(folder);
    const before = right(await runCells(first.run)());
    assertEquals([before._tag, before.results.length, first.attempted.length], ["Finished", 8, 8]);
    assertEquals(first.notes[2], "Cell 3/8: m 0.9, encoder ResNet, seed 0 (about 6 min left)");

    const torn = join(cellFolder(folder, cells[2]), "result.json");
    await Deno.writeTextFile(torn, (await Deno.readTextFile(torn)).slice(0, 50));
    await Deno.copyFile(
      join(cellFolder(folder, cells[0]), "result.json"),
      join(cellFolder(folder, cells[5]), "result.json"),
    );
    const changed = join(cellFolder(folder, cells[7]), "result.json");
    const { values: _, ...rest } = JSON.parse(await Deno.readTextFile(changed));
    await Deno.writeTextFile(changed, JSON.stringify(rest));
    const second = toyRun(folder);
    const after = right(await runCells(second.run)());
    assertEquals(second.attempted, [cells[2].name, cells[5].name, cells[7].name]);
    assertEquals(after, before);
    assertEquals(after.results.map(({ seed }) => seed), [0, 0, 0, 0, 1, 1, 1, 1]);
    assertEquals(second.notes, [
      "5 of 8 cells are there already",
      `Cell 6/8: ${cells[2].name} (about 3 min left)`,
      `Cell 7/8: ${cells[5].name} (about 2 min left)`,
      `Cell 8/8: ${cells[7].name} (about 60 s left)`,
    ]);

    // Another configuration is another cell; another measure has to be measured.
    const longer = toyRun(folder);
    const others = right(grid(toy, "smoke", { config: { training: { epochs: 3 } } }));
    right(await runCells({ ...longer.run, cells: others })());
    assertEquals(longer.attempted.length, 8);
    const more = toyRun(folder);
    right(await runCells({ ...more.run, measures: ["knn", "linear"] })());
    assertEquals(more.attempted.length, 8);
  }));

Deno.test("an interrupted experiment goes on with the cell that it stopped in", () =>
  inTemporary(async (folder) => {
    const first = toyRun(folder, ({ name }) =>
      name === cells[2].name ? { _tag: "Interrupted" } : { _tag: "Finished", values: {} });
    const { _tag, results } = right(await runCells(first.run)());
    assertEquals([_tag, results.length, first.attempted.length], ["Interrupted", 2, 3]);
    const second = toyRun(folder);
    assertEquals(right(await runCells(second.run)()).results.length, 8);
    assertEquals(
      second.attempted,
      cells.slice(2).map(({ name }) =>
        name
      ),
    );
  }));

Deno.test("only the cells that are wanted are run, and the results of the others stay", () =>
  inTemporary(async (folder) => {
    const first = toyRun(folder);
    const only = right(chosen(toy, "smoke", labelsFrom(["m=0.9", "encoder=ResNet"])));
    assertEquals(right(await runCells({ ...first.run, only })()).results.length, 2);
    assertEquals(first.attempted, ["m 0.9, encoder ResNet, seed 0", "m 0.9, encoder ResNet, seed 1"]);
    const second = toyRun(folder);
    const { _tag, results } = right(await runCells({ ...second.run, only: { encoder: ["ResNet"] } })());
    assertEquals([_tag, results.length], ["Finished", 4]);
    assertEquals(second.notes, [
      "2 of 8 cells are there already",
      "Cell 3/4: m 0, encoder ResNet, seed 0 (about 2 min left)",
      "Cell 4/4: m 0, encoder ResNet, seed 1 (about 60 s left)",
    ]);
  }));

Deno.test("an axis or a label that the scale does not have is refused with those that it has", () => {
  const refused = (texts: readonly string[], scale: Scale) =>
    renderExperimentError(left(chosen(experiments.mechanisms, scale, labelsFrom(texts))));
  assertEquals(
    refused(["k=64"], "smoke"),
    'Cannot choose cells: expected one of the axes "mechanism", "K", found "k"',
  );
  assertEquals(
    refused(["K=256", "K=1024"], "laptop"),
    'Cannot choose cells by K: expected one of the values "64", "128", "256", "1,024", "4,096", found "1024"',
  );
  assertEquals( // end-to-end has no such batch, though the others have such a number of keys
    refused(["K=16,384", "mechanism=end-to-end"], "cifar"),
    'Cannot choose cells by K: expected one of the values "64", "256", "1,024", "4,096", found "16,384"',
  );
  assertEquals(refused(["mechanism"], "smoke").endsWith('"end-to-end", "memory bank", "MoCo", found ""'), true);
});

Deno.test("a cell that fails is a result and does not stop the others; a fault does, and keeps what was done", () =>
  inTemporary(async (folder) => {
    const first = toyRun(folder, ({ name }) => {
      if (name === cells[1].name) return { _tag: "Failed", reason: "loss = NaN" };
      if (name === cells[3].name) throw new TypeError("a fault");
      return { _tag: "Finished", values: { knn: 0.5 } };
    });
    await assertRejects(() => runCells(first.run)(), TypeError, "a fault");
    assertEquals(first.attempted.length, 4);
    const second = toyRun(folder);
    const { results } = right(await runCells({ ...second.run, measures: ["knn"] })());
    assertEquals(second.attempted, cells.slice(3).map(({ name }) => name));
    assertEquals(results.map(({ state }) => state).filter((state) => state === "failed").length, 1);
    assertEquals([results[1].reason, results[1].values], ["loss = NaN", {}]);
  }));

/** Results of the toy's cells: kNN 0.5 and 0.6 for ResNets, a failure and 0.25 for ViTs at m = 0. */
const results: readonly CellResult[] = cells.flatMap((cell): CellResult[] => {
  const { name, digest, labels, config: { training: { seed } } } = cell;
  if (labels.m === "0.9" && labels.encoder === "ViT") return [];
  const about = { version: 1, name, digest, labels, measures: toy.measures, seconds: 30 } as const;
  if (labels.encoder === "ViT" && seed === 0) return [{ ...about, state: "failed", reason: "NaN <i>", values: {} }];
  const knn = labels.encoder === "ViT" ? 0.25 : 0.5 + 0.1 * seed;
  return [{ ...about, state: "finished", values: { knn, epochs: 2 } }];
});
const rows = rowsOf(toy, "smoke", results);

Deno.test("a table has a row for each combination, with mean, deviation and failures", () => {
  assertEquals(
    markdown(tableOf(toy, rows)),
    `
| m   | encoder | kNN          | epochs | runs          |
| --- | ------- | ------------ | ------ | ------------- |
| 0   | ResNet  | 55.0 ± 7.1 % | 2      | 2             |
| 0   | ViT     | 25.0 %       | 2      | 1, 1 diverged |
| 0.9 | ResNet  | 55.0 ± 7.1 % | 2      | 2             |`.trim(),
  );
  const failed = rowsOf(toy, "smoke", results.filter(({ state }) => state === "failed"));
  assertEquals(tableOf(toy, failed).rows, [["0", "ViT", "diverged", "diverged", "0, 1 diverged"]]);
});

Deno.test("a table has one row for a label that stands for another value at another scale", () => {
  const [m, encoder] = toy.axes;
  const perScale = m.variants.flatMap((variant) => [{ ...variant, at: ["smoke"] }, { ...variant, at: ["paper"] }]);
  const axes = [{ ...m, variants: perScale as readonly Variant[] }, encoder];
  assertEquals(rowsOf({ ...toy, axes }, "smoke", results), rows);
  assertEquals(rowsOf({ ...toy, axes }, "laptop", results), []);
});

Deno.test("a table has the differences from the reference, seed by seed", () => {
  const compared = { ...toy, reference: { m: "0", encoder: "ResNet" } };
  const at = (m: string, encoder: string, accuracies: readonly (number | undefined)[]) =>
    accuracies.flatMap((knn, seed): CellResult[] => {
      const about = { version: 1, digest: "", name: "", measures: ["knn"], seconds: 1 } as const;
      return knn === undefined ? [] : [{ ...about, labels: { m, encoder }, seed, state: "finished", values: { knn } }];
    });
  const found = rowsOf(compared, "smoke", [
    ...at("0", "ResNet", [0.5, 0.7, 0.6]),
    ...at("0", "ViT", [0.51, 0.73]),
    ...at("0.9", "ResNet", [undefined, undefined, 0.52]),
    ...at("0.9", "ViT", [undefined, undefined, undefined, 0.9]),
  ]);
  assertEquals(found.map(({ difference }) => difference?.count), [undefined, 2, 1, undefined]);
  const { header, rows } = tableOf(compared, found);
  const column = header.indexOf("kNN over 0, ResNet, points");
  assertEquals(rows.map((row) => row[column]), ["–", "+2.0 ± 1.4", "-8.0", "–"]);
});

Deno.test("measures: of the last epoch the mean, of the speed the median, and what was not evaluated is absent", () => {
  const metrics = (epoch: number, accuracy: number, imagesPerSecond: number) => ({
    step: 10 * epoch,
    epoch,
    metrics: { loss: 1, accuracy },
    imagesPerSecond,
  });
  const knn = { count: 4, top1: 0.75, top5: 1, perClass: [], k: 1, temperature: 0.1 };
  const evidence = {
    config: cells[0].config,
    records: [metrics(0.5, 0, 10), metrics(1, 0.1, 1000), metrics(1.5, 0.5, 20), metrics(2, 0.7, 30)],
    results: [{ features: "MoCo", dimension: 4, knn }],
  };
  assertEquals(measures.contrast.of(evidence), 0.6);
  assertEquals(measures.imagesPerSecond.of(evidence), 25);
  assertEquals([measures.secondsPerStep.of(evidence), measures.batch.of(evidence)], [128 / 25, 128]);
  assertEquals([measures.knn.of(evidence), measures.epochs.of(evidence)], [0.75, 2]);
  assertEquals([measures.linear.of(evidence), measures.randomKnn.of(evidence)], [undefined, undefined]);
});

Deno.test("a table writes seconds with milliseconds, whole numbers without", () => {
  const timed = { ...toy, measures: ["secondsPerStep", "batch"] } as const;
  const values = { secondsPerStep: spreadOf([0.1234]), batch: spreadOf([8192]) };
  const [row] = tableOf(timed, [{ labels: cells[0].labels, finished: 1, failed: 0, values }]).rows;
  assertEquals(row, ["0", "ResNet", "0.123", "8,192"]);
});

Deno.test("a figure shows the values that it names, at the places that were measured, each once", async () => {
  const { mechanisms } = experiments;
  const measured = (mechanism: string, K: string, linear: number) => ({
    labels: { mechanism, K },
    finished: 1,
    failed: 0,
    values: { linear: spreadOf([linear]) },
  });
  const rows = [measured("end-to-end", "64", 0.5), measured("end-to-end", "256", 0.6), measured("MoCo", "256", 0.7)];
  const [{ label, svg }] = await figuresOf(mechanisms, rows, []);
  assertEquals(label, "mechanism end-to-end: 64 50, 256 60. mechanism MoCo: 256 70.");
  assertEquals(svg.match(/>256</g)?.length, 1);
  assert(!svg.includes(">1,024<") && !svg.includes(">16<"));
  const figures = mechanisms.figures.map((figure) => ({ ...figure, with: { mechanism: ["MoCo"] } }));
  const [one] = await figuresOf({ ...mechanisms, figures }, rows, []);
  assertEquals(one.label, "mechanism MoCo: 256 70.");
});

const logs = [0, 1].map((seed) => ({
  labels: cells[1].labels,
  records: [1, 2, 3].map((step) => ({
    step,
    epoch: step / 2,
    metrics: { "norm.second.a": 3 + seed, "norm.second.b": 4 },
  })),
}));

Deno.test("figures: series by the other axes, a curve for each repetition, the paper's numbers in the same form", async () => {
  const [line, curves] = await figuresOf(toy, rows, logs);
  assertEquals(line.label, "encoder ResNet: 0 55, 0.9 55. encoder ViT: 0 25.");
  assertEquals(curves.label.match(/m 0, encoder ViT: from 5 to 5/g)?.length, 1);
  assertEquals(curves.svg.match(/stroke="var\(--series-1\)"/g)!.length >= 2, true);
  assertEquals((await paperFigure(toy))?.label, "linear (%): 0.9 55.2.");
  const { axes: [m, encoder] } = toy;
  const turned = { ...toy, axes: [encoder, m] };
  assertEquals((await paperFigure(turned))?.svg, (await paperFigure(toy))?.svg);
  // The paper names other values than those of the figure's axis.
  assertEquals(
    (await paperFigure(experiments.mechanisms))?.label,
    "linear accuracy at K = 65,536 (%): memory bank 58, MoCo 60.6.",
  );
  assertEquals(await paperFigure(experiments["shuffle-bn"]), undefined);
});

Deno.test("a figure as a file has its own colours, and as PNG twice its size and text", async () => {
  const [{ svg }] = await figuresOf(toy, rows, logs);
  assertStringIncludes(svg, "var(--series-1)");
  assert(!standalone(svg).includes("var("));
  const [, width, height] = svg.match(/width="(\d+)" height="(\d+)"/)!.map(Number);
  const image = decodePng(await toPng(svg));
  assertEquals(image.shape.slice(0, 2), [2 * height, 2 * width]);
  dispose(image);
  const blank = await toPng(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, ""));
  assert(blank.length < (await toPng(svg)).length - 1000, "the text is drawn without a font of the machine's");
});

Deno.test("the page shows our numbers beside the paper's, what failed and what is missing, and is safe", async () => {
  const page = experimentPage({
    experiment: toy,
    scale: "smoke",
    cells: cells.length,
    results: results.map((result, i) => i < 2 ? result : { ...result, made: { date: "2026", machine: "16 cores" } }),
    rows,
    figures: await figuresOf(toy, rows, logs),
    paperFigure: (await paperFigure(toy))!,
    provenance: { command: "moco <x>", date: "2026-01-01", machine: "2 cores", versions: { Deno: "2" } },
    configs: { [cells[0].name]: cells[0].config },
  });
  for (
    const part of [
      "Toy &#60;b&#62;",
      "55.0 ± 7.1 %",
      "<td>55.2</td>",
      "It is.",
      "moco &#60;x&#62;",
      "m 0, encoder ViT, seed 0: NaN &#60;i&#62;",
      "2 of 8 cells are still to be run",
      "2 cores; 16 cores",
      "default-src 'none'",
    ]
  ) assertStringIncludes(page, part);
  assertEquals(page.match(/<svg /g)?.length, 3);
});
