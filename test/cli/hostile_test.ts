/**
 * What a run is asked for and given that is absurd or hostile, by the real program: each is refused in a few words,
 * before anything is begun.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { encode } from "../../src/files/safetensors.ts";
import { listCheckpoints } from "../../src/checkpoint/folder.ts";
import { loadLatest } from "../../src/checkpoint/folder.ts";
import { saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { right } from "../support/either.ts";
import { inFolder, moco } from "./program.ts";
import { makeData } from "./files.ts";
import { at, checkpoints, config, run } from "./small_run.ts";

/** A configuration file of the small run with other sections. */
async function changed(name: string, sections: Readonly<Record<string, unknown>>): Promise<string> {
  const path = at(`${name}.json`);
  await Deno.writeTextFile(path, JSON.stringify({ ...JSON.parse(await Deno.readTextFile(config)), ...sections }));
  return path;
}

const bank = await changed("bank", { method: { name: "memory-bank", groups: 2, negatives: 100_000_000 } });

const absurd: readonly (readonly [name: string, file: string, args: readonly string[], said: RegExp])[] = [
  ["a mean of two channels", config, ["--augment-mean", "0.5,0.5"], /augment\.mean .*each of the 1 channels.*found 2/],
  ["a blur wider than the view", config, ["--augment-blur-kernel", "31"], /augment\.blurKernel .*fewer than 16 taps/],
  [
    "more steps to accumulate than there are",
    config,
    ["--accumulate", "1000"],
    /optimizer\.accumulate .*at most the 24 steps/,
  ],
  ["more negatives than memory", bank, ["--dimension", "60000"], /expected a run that fits into .* of memory, found/],
  [
    "a queue larger than memory",
    config,
    ["--queue", "100000000", "--dimension", "60000"],
    /expected a run that fits into/,
  ],
];

for (const [name, file, args, said] of absurd) {
  Deno.test(`${name}: refused before anything is begun`, async () => {
    const { code, text } = await run("--config", file, "--out", at(name), ...args);
    assertMatch(text, said);
    assertEquals([code > 0, text.includes("fault of the program")], [true, false], text);
    assertEquals(right(await listCheckpoints(checkpoints(name))()), []);
  });
}

Deno.test("a network of 100,000 layers is refused, and one image in each batch-norm group is warned of and raises the alarm", async () => {
  const deep = ["--config", await changed("deep", { encoder: { name: "vit-tiny", depth: 100_000 } })];
  const { code, text } = await run(...deep, "--out", at("deep"));
  assertEquals(code, 2);
  assertStringIncludes(text, "encoder.depth (--encoder-depth): expected a whole number in [1, 256], found 100000");
  const alone = await run("--config", config, "--groups", "4", "--epochs", "2", "--out", at("alone"));
  assertMatch(alone.text, /thousand parameters; memory: 1 MB for the state/);
  assertMatch(alone.text, /Warning: method\.groups \(4\) leaves one image to each batch-norm group/);
  assertMatch(alone.text, /Alarm at step \d+: the features have collapsed/);
});

Deno.test("configurations that are no use are refused in a few clear words, and a mark of the byte order is none", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.json");
    const keys = Array.from({ length: 300_000 }, (_, i) => `"k${i}":1`);
    const texts: readonly (readonly [text: string, said: RegExp])[] = [
      ['{"training":{"batch":8},"training":{"epochs":1}}', /expected each name once, found "training" twice/],
      [`{${keys.join()}}`, /at most 65536 bytes, found \d+/],
      [`{"data":{"path":"${"x".repeat(50_000_000)}"}}`, /at most 65536 bytes, found 50000020/],
      [`{${keys.slice(0, 4000).join()}}`, /4000 faults\n(.*\n){20} {2}and 3980 more/],
    ];
    for (const [text, said] of texts) {
      await Deno.writeTextFile(path, text);
      const { code, stderr } = await moco("config", "--config", path);
      assert(code > 0);
      assertMatch(stderr, said);
    }
    await Deno.writeTextFile(path, '\ufeff{"training":{"batch":8}, "method":{"queue":16}}');
    assertEquals((await moco("config", "--config", path)).code, 0);
  }));

Deno.test("a tensor file whose header holds a text of 10 MB, and names that command a terminal", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const tensor = { name: "w\x1b[2J\x1b]0;x\x07", dtype: "U8", shape: [1], data: Uint8Array.of(1) } as const;
    await Deno.writeFile(path, encode([tensor], { note: '\\"'.repeat(5_000_000), "name\x9b31m": "\x1b[31mred" }));
    const { code, stdout, stderr } = await moco("inspect", path);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "w\\u001b[2J");
    // deno-lint-ignore no-control-regex -- they are what must not be there
    assertEquals(/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(stdout), false);
    const missing = await moco("inspect", join(folder, "none\x1b[2J.safetensors"));
    assertStringIncludes(missing.stderr, "none\\u001b[2J.safetensors");
  }));

Deno.test("weights that are not finite are not measured", async () => {
  const { code, text } = await run("--config", config, "--out", at("finite"), "--epochs", "1");
  assertEquals(code, 0, text);
  const { checkpoint } = right(await loadLatest(at("finite"))());
  const tensors = checkpoint.tensors.map((tensor) => ({
    ...tensor,
    read: () => tensor.name.includes("running_mean") ? tensor.data.map(() => 255) : tensor.data,
  }));
  const path = at("finite.safetensors");
  right(await saveCheckpoint(path, tensors, checkpoint)());
  await inFolder(async (folder) => {
    const evaluated = await moco("evaluate", "--checkpoint", path, "--data", "idx", "--path", await makeData(folder));
    assertEquals(evaluated.code, 1);
    assertMatch(
      evaluated.stderr,
      /error: Cannot measure .*: expected finite numbers, found one in query\.\S+ that is not/,
    );
  });
});

Deno.test("line breaks in paths break no line of an error or a notice", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a\nb");
    const missing = await moco("pretrain", "--preset", "photos", "--path", path, "--out", join(folder, "run"));
    assertEquals(missing.code, 1);
    assertMatch(missing.stderr, /\nerror: Cannot read .*a\\u000ab: no such file or folder\n$/);
    for (const name of ["c\nd", "e\nf"]) {
      await Deno.mkdir(join(path, name), { recursive: true });
      await Deno.writeTextFile(join(path, name, "g.png"), "no image");
    }
    const damaged = await moco("evaluate", "--run", join(folder, "h\ni"));
    assertMatch(damaged.stderr, /^error: Cannot read .*h\\u000ai: .*\n$/);
    const few = await moco("pretrain", "--preset", "photos", "--path", path, "--out", join(folder, "run"));
    assertEquals(few.code, 1);
    assertMatch(few.stderr, /2 images to train on in .*a\\u000ab, 2 classes, from 1 \(c\\u000ad\)/);
  }));
