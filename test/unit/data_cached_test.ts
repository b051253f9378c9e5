import { assertEquals } from "@std/assert";
import { Either } from "../../src/core/either.ts";
import { cached, type LabelledSplit } from "../../src/data/cached.ts";
import { withFiles } from "../support/image_files.ts";

const about = { name: "tiny", version: "1", classes: ["a", "b"] };
const half = (...images: readonly number[]) => ({
  name: "tiny",
  images: Uint8Array.from(images),
  count: images.length,
  height: 1,
  width: 1,
  channels: 1,
  labels: new Uint8Array(images.length).fill(1),
  classes: about.classes,
});
const split: LabelledSplit = { train: half(1, 2, 3), test: half(4) };

/** Loads through the cache in `folder`; says whether the data set was made, and what the user was told. */
async function load(folder: string) {
  const before = Deno.env.get("MOCO_CACHE");
  Deno.env.set("MOCO_CACHE", folder);
  try {
    let made = false;
    const told: string[] = [];
    const make = () => {
      made = true;
      return Promise.resolve(Either.right(split));
    };
    const loaded = await cached(about, make, (message) => told.push(message))();
    return { loaded, made, told };
  } finally {
    if (before === undefined) Deno.env.delete("MOCO_CACHE");
    else Deno.env.set("MOCO_CACHE", before);
  }
}

Deno.test("a data set is made once and read from the cache afterwards, byte for byte", () =>
  withFiles({}, async (folder) => {
    assertEquals(await load(`${folder}/new`), { loaded: Either.right(split), made: true, told: [] });
    assertEquals(await load(`${folder}/new`), { loaded: Either.right(split), made: false, told: [] });
  }));

Deno.test("a cache file with a changed bit, or cut short, is made anew", async () => {
  const damages: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.with(bytes.length - 2, bytes[bytes.length - 2] ^ 1),
    (bytes) => bytes.subarray(0, bytes.length - 1),
    () => new Uint8Array(),
  ];
  for (const damage of damages) {
    await withFiles({}, async (folder) => {
      await load(folder);
      const path = `${folder}/data/tiny-1.safetensors`;
      const whole = await Deno.readFile(path);
      await Deno.writeFile(path, damage(whole));
      const { loaded, made, told } = await load(folder);
      assertEquals({ loaded, made, told: told.length }, { loaded: Either.right(split), made: true, told: 1 });
      assertEquals(await Deno.readFile(path), whole);
    });
  }
});

Deno.test("a cache that cannot be written is done without, and said so", () =>
  withFiles({ "taken": "a file where the folder should be" }, async (folder) => {
    const { loaded, made, told } = await load(`${folder}/taken`);
    assertEquals({ loaded, made, told: told.length }, { loaded: Either.right(split), made: true, told: 1 });
  }));

Deno.test("where no cache folder is known the data set is made in every run, and said so", async () => {
  const names = ["MOCO_CACHE", "XDG_CACHE_HOME", "HOME", "USERPROFILE", "LOCALAPPDATA"];
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of names) Deno.env.delete(name);
  try {
    const told: string[] = [];
    const loaded = await cached(about, () => Promise.resolve(Either.right(split)), (message) => told.push(message))();
    assertEquals(loaded, Either.right(split));
    assertEquals(told.map((message) => message.split(":")[0]), ["Cannot keep data/tiny-1 for the next run"]);
  } finally {
    for (const [name, value] of before) if (value !== undefined) Deno.env.set(name, value);
  }
});
