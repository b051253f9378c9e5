/**
 * What embedding costs beside the bare encoder: `deno run -A bench/embed.ts [images] [folder]`.
 *
 * Fashion-MNIST is written as a folder of PNGs, once. Then the same compiled encoder (ResNet-18 at a quarter of its width,
 * batches of 256) embeds the images from memory, with nothing around it, and the folder into a collection, with
 * everything: listing, reading, decoding, digests and writing. The two take turns, because a machine's speed drifts.
 *
 * @module
 */
import { join } from "node:path";
import { embed, loadDataset, parseConfig, saveCheckpoint, type TaskEither, tensorsOf } from "../mod.ts";
import { buildMethod } from "../src/config/build.ts";
import { scope } from "../src/core/scope.ts";
import { gather } from "../src/data/select.ts";
import { fromBytes, op, readBytes } from "../src/engine/mod.ts";
import { openEncoder } from "../src/run/encoder.ts";
import { toJson } from "../src/train/beginning.ts";
import { freshState } from "../src/train/fresh_state.ts";
import { start } from "../src/train/position.ts";

const count = Number(Deno.args[0] ?? 60_000);
const folder = Deno.args[1] ?? await Deno.makeTempDir();
const BATCH = 256;
const TURNS = 3;

const { train } = await result(loadDataset({ name: "fashion-mnist", limit: count }));
const photos = join(folder, `images-${count}`);
if (!await Deno.stat(photos).then(() => true, () => false)) await writeImages();
const checkpoint = join(folder, "encoder.safetensors");
await writeEncoder();

const bare: number[] = [];
const whole: number[] = [];
for (let turn = 0; turn < TURNS; turn++) {
  bare.push(await bareRate());
  whole.push(await embedRate(turn));
  console.log(`bare encoder ${bare[turn].toFixed(0)} images/s, embed ${whole[turn].toFixed(0)} images/s`);
}
const share = median(whole) / median(bare);
console.log(`embed reaches ${(100 * share).toFixed(0)} % of the bare encoder (medians of ${TURNS})`);

/** Images of a second that the encoder takes from memory, when it is compiled. */
async function bareRate(): Promise<number> {
  const { embed, close } = await result(openEncoder({ run: checkpoint }, {}, () => {}));
  const { height, width, channels } = train;
  const batchAt = (first: number): void =>
    scope(() => {
      const pixels = gather(train, Array.from({ length: BATCH }, (_, row) => first + row));
      embed(fromBytes(pixels, [BATCH, height, width, channels])).dataSync();
    });
  batchAt(0); // compiles
  const batches = Math.floor(train.count / BATCH);
  const started = performance.now();
  for (let batch = 0; batch < batches; batch++) batchAt(batch * BATCH);
  const seconds = (performance.now() - started) / 1000;
  close();
  return batches * BATCH / seconds;
}

/** Images of a second of the whole `embed`, from the folder into a new collection. */
async function embedRate(turn: number): Promise<number> {
  const started = performance.now();
  const to = join(folder, `${turn}.moco`);
  const { embedded } = await result(
    embed({ run: checkpoint, data: { name: "folder", path: photos }, to, batch: BATCH }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const ending of ["", "-wal", "-shm"]) await Deno.remove(`${to}${ending}`).catch(() => {});
  return embedded / seconds;
}

async function writeImages(): Promise<void> {
  const { height, width, channels, labels } = train;
  for (const label of new Set(labels)) await Deno.mkdir(join(photos, String(label)), { recursive: true });
  for (let image = 0; image < train.count; image++) {
    const png = scope(() => {
      const [file] = op("EncodePng", [fromBytes(gather(train, [image]), [height, width, channels])], {});
      return readBytes(op("DecodeRaw", [file], { out_type: "uint8" })[0]);
    });
    await Deno.writeFile(join(photos, String(labels![image]), `${image}.png`), png);
  }
}

async function writeEncoder(): Promise<void> {
  const parsed = parseConfig({ encoder: { name: "resnet18", width: 0.25 }, augment: { size: 28 } }, { data: false });
  if (parsed._tag === "Left") throw new Error(JSON.stringify(parsed.left));
  const state = freshState(buildMethod(parsed.right, [28, 28, 1], 1), 0);
  await result(
    saveCheckpoint(checkpoint, tensorsOf(state), { config: toJson(parsed.right), position: start, metrics: {} }),
  );
}

/** What a task gives; where it fails, the bench ends. */
async function result<A>(task: TaskEither<unknown, A>): Promise<A> {
  const ended = await task();
  if (ended._tag === "Left") throw new Error(JSON.stringify(ended.left));
  return ended.right;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
