/**
 * How well planted duplicates are found. Of 200 photographs, copies are written that are resized to three quarters,
 * encoded again at quality 50, cropped by 5 % and mirrored. All are embedded, and for each share every close pair
 * counts as found (see src/search/close_pairs.ts):
 *
 *     deno run -A bench/planted_duplicates.ts --run runs/photos photographs [--others photographs] [--plain] [--cosine]
 *
 * Recall is the share of photographs and copies that are found as a pair. Precision is the share of the pairs that were
 * found which are of one photograph. `--others` adds images of which nothing is known, so that there is more to
 * confuse. `--plain` embeds images without their mirror images. `--cosine` takes thresholds of the cosine similarity in
 * place of shares.
 *
 * @module
 */
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { scope } from "../src/core/scope.ts";
import { findImages } from "../src/data/find_images.ts";
import { op, readBytes, type Tensor, tf, toFloat } from "../src/engine/mod.ts";
import { embed } from "../src/run/embed.ts";
import { openCollection } from "../src/search/collection/collection.ts";
import { forEachClosePair, neighboursAround } from "../src/search/close_pairs.ts";
import { forEachPair } from "../src/search/for_each_pair.ts";
import { neighbourGraph } from "../src/search/neighbour_graph.ts";

const { values: { run, count, others, plain, cosine, size }, positionals: [folder] } = parseArgs({
  options: {
    run: { type: "string" },
    count: { type: "string", default: "200" },
    others: { type: "string" },
    plain: { type: "boolean", default: false },
    cosine: { type: "boolean", default: false },
    size: { type: "string" },
  },
  allowPositionals: true,
});
if (run === undefined || folder === undefined) throw new Error("Give --run and a folder of photographs");

/** Pixels to pixels, float32 [height, width, 3]. */
const copies: Readonly<Record<string, (pixels: Tensor) => Tensor>> = {
  resized: (pixels) => resized(pixels, 0.75),
  encoded: (pixels) => pixels,
  cropped: (pixels) => {
    const [height, width] = pixels.shape as [number, number, number];
    const [down, across] = [height, width].map((side) => Math.max(1, Math.round(0.05 * side)));
    return tf.slice(pixels, [0, 0, 0], [height - down, width - across, 3]);
  },
  mirrored: (pixels) => tf.reverse(pixels, 1),
};

function resized(pixels: Tensor, share: number): Tensor {
  const size = pixels.shape.slice(0, 2).map((side) => Math.round(side * share));
  const scale = tf.tensor1d(size.map((side, axis) => side / pixels.shape[axis]));
  const inputs = [tf.expandDims(pixels, 0), tf.tensor1d(size, "int32"), scale, tf.tensor1d([0, 0])];
  return tf.squeeze(op("ScaleAndTranslate", inputs, { kernel_type: "triangle", antialias: true })[0], [0]);
}

function decoded(path: string): Tensor {
  const [contents] = op("ReadFile", [tf.scalar(path, "string")]);
  return toFloat(op("DecodeImage", [contents], { channels: 3, expand_animations: false, dtype: "uint8" })[0]);
}

function encoded(pixels: Tensor, quality: number): Uint8Array {
  const whole = op("Cast", [tf.round(tf.clipByValue(pixels, 0, 255))], { DstT: "uint8" });
  return readBytes(op("DecodeRaw", op("EncodeJpeg", whole, { quality }), { out_type: "uint8" })[0]);
}

/** The images of a folder, at most so many, spread over all of it. */
async function filesOf(folder: string, most = Infinity): Promise<readonly string[]> {
  const found = await findImages(folder, { labels: "none" })();
  if (found._tag === "Left") throw new Error(JSON.stringify(found.left));
  const files = [...found.right.train.files, ...found.right.test?.files ?? []];
  const step = Math.max(1, files.length / most);
  return Array.from({ length: Math.min(most, files.length) }, (_, i) => files[Math.floor(i * step)]);
}

const planted = await Deno.makeTempDir();
try {
  for (const [number, path] of (await filesOf(folder, Number(count))).entries()) {
    scope(() => {
      const pixels = decoded(path);
      Deno.writeFileSync(join(planted, `${number}-original.jpg`), Deno.readFileSync(path));
      for (const [name, change] of Object.entries(copies)) {
        Deno.writeFileSync(
          join(planted, `${number}-${name}.jpg`),
          encoded(change(pixels), name === "encoded" ? 50 : 90),
        );
      }
    });
  }
  if (others !== undefined) {
    for (const [number, path] of (await filesOf(others)).entries()) {
      Deno.copyFileSync(path, join(planted, `x${number}-${basename(path)}`));
    }
  }
  const to = join(planted, "planted.moco");
  const augment = {
    ...plain ? {} : { evaluationMirrored: true },
    ...size === undefined ? {} : { evaluationSize: Number(size) },
  };
  const embedded = await embed({ run, data: { name: "folder", path: planted, labels: "none" }, augment, to })();
  if (embedded._tag === "Left") throw new Error(JSON.stringify(embedded.left));
  await curve(to);
} finally {
  await Deno.remove(planted, { recursive: true });
}

async function curve(path: string): Promise<void> {
  const opened = await openCollection(path)();
  if (opened._tag === "Left") throw new Error(JSON.stringify(opened.left));
  const [read, all] = [opened.right.vectors(), opened.right.images()];
  opened.right.close();
  if (read._tag === "Left" || all._tag === "Left") throw new Error("The collection cannot be read");
  const names = all.right.map((image) => image.path.replace(".jpg", "").split("-"));
  const graph = await neighbourGraph(read.right, neighboursAround(names.length));
  const kinds = Object.keys(copies);
  console.log(`| ${cosine ? "threshold" : "within"} | precision | recall | ${kinds.join(" | ")} |`);
  console.log(`| --- | --- | --- |${kinds.map(() => " --- |").join("")}`);
  const shares = [0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9];
  const thresholds = [0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995];
  for (const limit of cosine ? thresholds : shares) {
    const found = new Map(kinds.map((kind) => [kind, 0]));
    let right = 0, wrong = 0;
    const visit = (a: number, b: number): void => {
      if (names[a][0] !== names[b][0]) return void wrong++;
      right++;
      const [kind] = [names[a][1], names[b][1]].filter((kind) => kind !== "original");
      if (names[a][1] === "original" || names[b][1] === "original") found.set(kind, found.get(kind)! + 1);
    };
    if (cosine) forEachPair(read.right, limit, visit);
    else forEachClosePair(graph, limit, visit);
    const recalls = [...found.values()].map((pairs) => pairs / Number(count));
    const recall = recalls.reduce((sum, share) => sum + share, 0) / kinds.length;
    const cells = [right / (right + wrong), recall, ...recalls].map((share) => `${(100 * share).toFixed(1)} %`);
    console.log(`| ${[limit, ...cells].join(" | ")} |`);
  }
}
