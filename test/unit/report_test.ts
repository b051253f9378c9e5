import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { readBytes, tf } from "../../src/engine/mod.ts";
import { decodePng } from "../support/decoded.ts";
import { dotChart, lineChart, thin } from "../../src/report/charts.ts";
import { duration, percentOrDash, rate } from "../../src/report/format.ts";
import { figure } from "../../src/report/figure.ts";
import { renderClasses, renderResults } from "../../src/report/results_text.ts";
import { firstOfEachClass, gallery } from "../../src/report/gallery.ts";
import { html, trusted } from "../../src/report/html.ts";
import { mapChart } from "../../src/report/map_chart.ts";
import { nearest } from "../../src/search/nearest.ts";
import { renderReport } from "../../src/report/report.ts";
import { toResult } from "../../src/report/summary.ts";
import type { ReportData } from "../../src/report/types.ts";
import { assertClose } from "../support/close.ts";

const hostile = `<script>alert("1")</script>&'`;
const escaped = "&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;&#39;";

function example(): ReportData {
  const classes = ["Shirt", hostile];
  const evaluation = (knnTop1: number, linearTop1: number) => {
    const scores = (top1: number) => ({
      count: 10,
      top1,
      top5: 1,
      perClass: classes.map((name, label) => ({ label, name, count: 5, accuracy: top1 - 0.1 * label })),
      predictions: new Int32Array(10),
    });
    return {
      dimension: 128,
      knn: { ...scores(knnTop1), k: 200, temperature: 0.1 },
      linear: {
        ...scores(linearTop1),
        head: { weight: new Float32Array(128 * 2), bias: new Float32Array(2) },
        losses: [1],
        learningRate: 0.1,
        epochs: 30,
        batch: 512,
        standardized: true,
        selection: [{ learningRate: 0.1, top1: 0.8 }],
      },
    };
  };
  const picture = { source: "data:image/png;base64,AAAA", name: hostile };
  return {
    title: `Demo ${hostile}`,
    summary: {
      version: 1,
      method: "MoCo v2",
      finished: "2026-03-04T05:06:07.891Z",
      data: { name: "Fashion-MNIST", train: 60000, test: 10000, classes, shape: [28, 28, 1] },
      training: { epochs: 8, steps: 3744, batch: 128, seconds: 583, imagesPerSecond: 1021.6 },
      results: [
        toResult("MoCo v2", evaluation(0.8512, 0.8844)),
        toResult("Random initialisation", evaluation(0.7, 0.8)),
        toResult("Raw pixels", evaluation(0.79, 0.85)),
      ],
      seconds: 700,
      environment: { TensorFlow: "2.21.0" },
    },
    records: [
      ...Array.from({ length: 50 }, (_, i) => ({
        step: i,
        epoch: i / 10,
        metrics: { loss: 8 - i / 20, chance: Math.log(4097), accuracy: i / 100, realKeys: 1 },
      })),
      { step: 50, epoch: 5, evaluation: { knn: 0.83 } },
    ],
    gallery: [{ query: picture, neighbours: [{ ...picture, similarity: 0.912, same: false }] }],
    config: { method: { name: "moco" }, note: hostile },
  };
}

Deno.test("the charts are those of what was measured: a queue where there is one, the first layer that maps its input", async () => {
  const page = async (more: Record<string, number>) => {
    const data = example();
    const records = data.records.map((record) => ({ ...record, metrics: record.metrics && { loss: 1, ...more } }));
    return await renderReport({ ...data, records });
  };
  const v1 = await page({ realKeys: 0.5, gradientNorm: 2 });
  assertStringIncludes(v1, "Keys of real images");
  assertStringIncludes(v1, "the dictionary starts without real keys");
  const v3 = await page({
    gradientNorm: 2,
    "gradientNorm.backbone.cls_token": 0.1,
    "gradientNorm.backbone.patch_embed.proj": 0.7,
    "gradientNorm.backbone.blocks.0.norm1": 0.2,
  });
  assertStringIncludes(v3, "All parameters: from 2 to 2. First layer (backbone.patch_embed.proj): from 0.7 to 0.7.");
  for (const part of ["Keys of real images", "the dictionary starts"]) assert(!v3.includes(part), part);
  const frozen = await page({
    "gradientNorm.backbone.blocks.0.norm1": 1,
    "gradientNorm.backbone.blocks.0.attn.qkv": 3,
  });
  assertStringIncludes(frozen, "First layer (backbone.blocks.0.attn.qkv): from 3 to 3.");
});

Deno.test("the report is a pure function of its data", async () => {
  assertEquals(await renderReport(example()), await renderReport(example()));
});

Deno.test("the report reaches for nothing outside itself and runs no script", async () => {
  const page = await renderReport(example());
  const addresses = [...page.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/gi)].map(([, address]) => address);
  assert(addresses.length > 0);
  for (const address of addresses) assertMatch(address, /^(data:|#)/);
  assert(!/<(script|link|iframe|object|embed)\b/i.test(page));
  assert(!/\son[a-z]+=/i.test(page));
  assertStringIncludes(page, "default-src 'none'");
});

Deno.test("names from data are escaped everywhere, charts and configuration included", async () => {
  const page = await renderReport(example());
  assert(!page.includes("<script>"));
  assertStringIncludes(page, `<title>Demo ${escaped}</title>`);
});

Deno.test("the report shows the final figures beside the baselines, the curves, and what is missing is left out", async () => {
  const page = await renderReport(example());
  for (const text of ["88.4 %", "85.1 %", "random initialisation 80.0 %", "9 min 43 s", "1,022"]) {
    assertStringIncludes(page, text);
  }
  assertStringIncludes(page, "2026-03-04 05:06:07 UTC");
  for (const title of ["Loss", "Contrast accuracy", "kNN accuracy", "Dictionary", "Accuracy of each class"]) {
    assertStringIncludes(page, `<h3>${title}</h3>`);
  }
  assert(!page.includes("<h3>Learning rate</h3>"), "no record has a learning rate");
  assertStringIncludes(page, "Training loss: from 8 to 5.55."); // for who does not see the chart
  const bare = await renderReport({ ...example(), records: [], gallery: [] });
  assert(!bare.includes("<h2>Training</h2>") && !bare.includes("<h2>Nearest neighbours</h2>"));
});

Deno.test("a line chart draws every series, its axis titles and colours that follow the page", async () => {
  const svg = await lineChart({
    x: "Epoch",
    y: "Loss (nats)",
    series: [
      { name: "Measured", points: [[0, 1], [1, 2]], dots: true },
      { name: "Chance", points: [[0, 3], [1, 3]], comparison: true },
    ],
  });
  for (const text of [">Epoch<", ">Loss (nats)<", ">Measured<", ">Chance<", "var(--series-1)", "var(--muted)"]) {
    assertStringIncludes(svg, text);
  }
  assertMatch(svg, /stroke-dasharray="6,4"/);
});

Deno.test("a dot chart leaves out a class that has no sample", async () => {
  const chart = (values: (number | null)[]) =>
    dotChart({ x: "%", classes: ["a", "b"], series: [{ name: "linear", values }] });
  const marks = (svg: string) => [...svg.matchAll(/aria-roledescription="point"/g)].length;
  assertEquals([marks(await chart([1, 2])), marks(await chart([1, null]))], [2, 1]);
});

Deno.test("thinning keeps the ends, the order and the number asked for", () => {
  const points = Array.from({ length: 1001 }, (_, i) => i);
  assertEquals(thin(points, 5), [0, 250, 500, 750, 1000]);
  assertEquals(thin([1, 2], 5), [1, 2]);
});

Deno.test("templates escape text and numbers, and leave HTML as it is", () => {
  assertEquals(html`<p>${hostile}${1}${undefined}${[trusted("<b>"), "<"]}</p>`.html, `<p>${escaped}1<b>&#60;</p>`);
});

Deno.test("shares and times read as a person writes them", () => {
  assertEquals([percentOrDash(0.8512), percentOrDash(1), percentOrDash(undefined)], ["85.1 %", "100.0 %", "–"]);
  assertEquals([9.6, 59.7, 583, 3599.6, 360_000].map(duration), [
    ...["10 s", "1 min 0 s", "9 min 43 s", "1 h 00 min", "100 h 00 min"],
  ]);
  assertEquals([0.42, 9.94, 10, 1021.6].map(rate), ["0.4", "9.9", "10", "1,022"]);
});

Deno.test("what was not measured is a dash in a table, beside what was", () => {
  const [{ linear, ...first }, second] = example().summary.results;
  assert(linear !== undefined);
  assertMatch(renderResults([first, second]), /MoCo v2 .* 100\.0 % +– +–\n/);
  const none = { ...first.knn, perClass: [{ label: 0, count: 0, accuracy: null }] };
  assertMatch(renderClasses({ ...first, knn: none }), /\n0 +0 +–$/);
});

Deno.test("every point is on the map, whether its value is a number, a name or not known", async () => {
  const colours = async (...values: readonly (string | number | undefined)[]) => {
    const svg = await mapChart(values.map((value, x) => ({ x, y: -x, value })), "iso");
    const marks = svg.match(/<path aria-label="x: \d+; y: [^"]*" role="graphics-symbol"[^>]*fill="[^"]*"/g) ?? [];
    return marks.map((mark) => mark.match(/fill="([^"]*)"/)![1]);
  };
  const known = await colours(100, undefined, 400);
  assertEquals([known.length, known.filter((fill) => fill === "var(--muted)").length], [3, 1]);
  assertEquals((await colours("cat", undefined, "dog")).length, 3);
  assertEquals(await colours(undefined, undefined), ["var(--series-1)", "var(--series-1)"]);
});

Deno.test("a chart is labelled with whatever its classes are called", () => {
  const { html: labelled } = figure("Classes", "$& 10 %, $' 5 %, $$ 1 %", '<svg width="1"></svg>', "all");
  assertStringIncludes(labelled, '<svg role="img" aria-label="$&#38; 10 %, $&#39; 5 %, $$ 1 %" width="1"></svg>');
});

Deno.test("the nearest rows come in order of cosine similarity, whatever their length", () => {
  const before = liveTensors();
  const bank = tf.tensor2d([[0, 9], [3, 3], [0.1, 0], [-1, 0]]);
  const queries = tf.tensor2d([[2, 0], [0, 1]]);
  const found = nearest(queries, bank, 3);
  assertEquals(found.map((row) => row.map(({ index }) => index)), [[2, 1, 0], [0, 1, 2]]);
  assertClose(found[0].map(({ similarity }) => similarity), [1, Math.SQRT1_2, 0], "elementwise");
  dispose({ bank, queries });
  assertEquals(liveTensors(), before);
});

Deno.test("the gallery shows the query's pixels and tells neighbours of its class from others", () => {
  const before = liveTensors();
  const images = (bytes: number[], labels: number[]) => ({
    images: Uint8Array.from(bytes),
    labels,
    count: labels.length,
    height: 1,
    width: 2,
    channels: 1,
  });
  const test = { images: images([10, 20, 30, 40], [1, 0]), features: tf.tensor2d([[1, 0], [0, 1]]) };
  const train = { images: images([1, 2, 3, 4, 5, 6], [0, 1, 1]), features: tf.tensor2d([[0.9, 1], [1, 0], [0, -1]]) };
  const rows = gallery({ test, train, k: 2, classes: ["cat", "dog"] });
  assertEquals(rows.map((row) => row.query.name), ["cat", "dog"]); // one of each class, in the order of the classes
  assertEquals(rows.map((row) => row.neighbours.map(({ name, same }) => [name, same])), [
    [["cat", true], ["dog", false]],
    [["dog", true], ["cat", false]],
  ]);
  const pixels = (source: string) => {
    const decoded = decodePng(Uint8Array.fromBase64(source.replace("data:image/png;base64,", "")));
    const bytes = [...readBytes(decoded)];
    dispose(decoded);
    return bytes;
  };
  assertEquals(rows.map((row) => pixels(row.query.source)), [[30, 40], [10, 20]]);
  assertEquals(rows[1].neighbours.map((row) => pixels(row.source)), [[3, 4], [1, 2]]);
  dispose({ a: test.features, b: train.features });
  assertEquals(liveTensors(), before);
});

Deno.test("the first sample of each class comes in the order of the classes", () => {
  assertEquals(firstOfEachClass([2, 0, 2, 1, 0], 10), [1, 3, 0]);
  assertEquals(firstOfEachClass([2, 0, 2, 1, 0], 2), [1, 3]);
});

Deno.test("classes may be called as the parts of a plain object are", async () => {
  const classes = ["constructor", "__proto__", "toString", "cat"];
  const svg = await dotChart({ x: "share", classes, series: [{ name: "a", values: [0.1, 0.2, 0.3, 0.4] }] });
  for (const name of classes) assert(svg.includes(name), name);
});
