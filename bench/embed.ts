/**
 * What embedding costs beside the bare encoder: `deno run -A bench/embed.ts [images] [folder]`.
 *
 * Fashion-MNIST is written as a folder of PNGs, once. Then the same compiled encoder (ResNet-18 at a quarter of its
 * width) embeds the images from memory, with nothing around it, in batches of 256 and of 128, and the folder into a
 * collection, with everything: opening the encoder, listing, reading, decoding, digests and writing. They take turns,
 * because a machine's speed drifts. The bare encoder counts with the better of its batches.
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
import { median } from "../src/core/median.ts";

const count = Number(Deno.args[0] ?? 60_000);
const folder = Deno.args[1] ?? await Deno.makeTempDir();
const BATCHES = [256, 128];
const TURNS = 3;

const { train } = await result(loadDataset({ name: "fashion-mnist", limit: count }));
const photos = join(folder, `images-${count}`);
if (!await Deno.stat(photos).then(() => true, () => false)) await writeImages();
const checkpoint = join(folder, "encoder.safetensors");
await writeEncoder();

const bare: number[] = [];
const whole: number[] = [];
for (let turn = 0; turn < TURNS; turn++) {
  const rates = [];
  for (const batch of BATCHES) rates.push(await bareRate(batch));
  bare.push(Math.max(...rates));
  whole.push(await embedRate(turn));
  console.log(`bare encoder ${bare[turn].toFixed(0)} images/s, embed ${whole[turn].toFixed(0)} images/s`);
}
const share = median(whole.map((rate, turn) => rate / bare[turn]));
if (Deno.args[1] === undefined) await Deno.remove(folder, { recursive: true });
console.log(`embed reaches ${(100 * share).toFixed(0)} % of the bare encoder (median of ${TURNS} turns)`);

/** Images of a second that the encoder takes from memory, when it is compiled. */
async function bareRate(batch: number): Promise<number> {
  const { embed, close } = await result(openEncoder({ run: checkpoint }, {}, () => {}));
  const { height, width, channels } = train;
  const batchAt = (first: number): void =>
    scope(() => {
      const pixels = gather(train, Array.from({ length: batch }, (_, row) => first + row));
      embed(fromBytes(pixels, [batch, height, width, channels])).dataSync();
    });
  batchAt(0); // compiles
  const batches = Math.floor(train.count / batch);
  const started = performance.now();
  for (let place = 0; place < batches; place++) batchAt(place * batch);
  const seconds = (performance.now() - started) / 1000;
  close();
  return batches * batch / seconds;
}

/** Images of a second of the whole `embed`, from the folder into a new collection. */
async function embedRate(turn: number): Promise<number> {
  const started = performance.now();
  const to = join(folder, `${turn}.moco`);
  const { embedded } = await result(embed({ run: checkpoint, data: { name: "folder", path: photos }, to }));
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
