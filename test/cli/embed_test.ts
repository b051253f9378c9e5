/**
 * `moco embed` by the real program: what it says, Ctrl-C, and kills at any moment.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "../../src/dependencies/sqlite.ts";
import { imagesIn, opened, until } from "../support/collections.ts";
import { right } from "../support/either.ts";
import { photoFolder } from "../support/photo_folder.ts";
import { storeEncoder } from "../support/stored_encoder.ts";
import { inFolder, moco, succeeds, taskArguments } from "./program.ts";

const root = new URL("../../", import.meta.url);

/** Starts an embedding of so few images at once that it takes its time. */
function startSlowly(photos: string, run: string, to: string): Deno.ChildProcess {
  const args = [...taskArguments, "embed", photos, "--checkpoint", run, "--to", to, "--batch", "2"];
  return new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "piped", stderr: "piped" }).spawn();
}

Deno.test("embed says what it did, and refuses another encoder with status 1 and one line", () =>
  inFolder(async (folder) => {
    const [run, other, photos, to] = ["a.safetensors", "b.safetensors", "photos", "c.moco"].map((name) =>
      join(folder, name)
    );
    await storeEncoder(run);
    await storeEncoder(other, { seed: 1 });
    await photoFolder(photos, 2);
    const text = await succeeds("embed", photos, "--checkpoint", run, "--to", to);
    assertMatch(text, /c\.moco: 4 images, vectors of 32 numbers by a \(\w{8}\)\n4 images embedded\n$/);
    const out = join(folder, "c.npy");
    assertEquals(
      await succeeds("collection", "export", to, "--format", "npy", "--out", out),
      `Wrote 4 images: ${out}, ${join(folder, "c.csv")}\n`,
    );
    assertEquals((await moco("collection", "export", to, "--format", "xls", "--out", out)).code, 2);
    const { code, stderr } = await moco("embed", photos, "--checkpoint", other, "--to", to);
    assertEquals(code, 1, stderr);
    assertMatch(stderr.trimEnd().split("\n").at(-1)!, /^error: Cannot add vectors to .*c\.moco: expected those of a /);
    const unclear = await moco("embed", photos, "--to", to);
    assertEquals([unclear.code, unclear.stderr.includes("one of --run, --checkpoint, --weights, found none")], [
      2,
      true,
    ]);
  }));

Deno.test({
  name: "Ctrl-C saves the batch, and the same command goes on from there",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const [run, photos, to] = ["a.safetensors", "photos", "c.moco"].map((name) => join(folder, name));
      await storeEncoder(run);
      await photoFolder(photos, 200);
      const child = startSlowly(photos, run, to);
      const end = child.output();
      await until(to, 4);
      child.kill("SIGINT");
      const { code, stderr } = await end;
      assertEquals(code, 130);
      const [, left] = new TextDecoder().decode(stderr).match(/Stopped with (\d+) images to embed/) ?? [];
      assertEquals(await imagesIn(to), 400 - Number(left));
      assertStringIncludes(await succeeds("embed", photos, "--checkpoint", run, "--to", to), `${left} images embedded`);
      assertEquals(await imagesIn(to), 400);
    }),
});

/** Kills in the last test. `MOCO_TEST_KILLS=30` asks for more. */
const kills = Number(Deno.env.get("MOCO_TEST_KILLS") ?? 3);

/** What SQLite finds wrong with a file. */
function faultsOf(path: string): unknown {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.values(file.prepare("PRAGMA integrity_check").get() ?? {})[0];
  } finally {
    file.close();
  }
}

Deno.test("a kill at any moment leaves a whole collection, which goes on", () =>
  inFolder(async (folder) => {
    const [run, photos, to] = ["a.safetensors", "photos", "c.moco"].map((name) => join(folder, name));
    await storeEncoder(run);
    await photoFolder(photos, 40 * kills);
    let saved = 0;
    for (let kill = 0; kill < kills; kill++) {
      const child = startSlowly(photos, run, to);
      const end = child.output();
      await until(to, saved + 2);
      await new Promise((resolve) => setTimeout(resolve, 37 * kill % 100)); // at another moment of a batch each time
      child.kill("SIGKILL");
      await end;
      assertEquals(faultsOf(to), "ok");
      const collection = await opened(to);
      const { ids, values, dim } = right(collection.vectors());
      assertEquals([right(collection.images()).length, values.length], [ids.length, ids.length * dim]);
      collection.close();
      assert(ids.length > saved && ids.length % 2 === 0, `${ids.length} images after kill ${kill}`);
      saved = ids.length;
    }
    const text = await succeeds("embed", photos, "--checkpoint", run, "--to", to);
    assertStringIncludes(text, `${(80 * kills - saved).toLocaleString("en")} images embedded`);
    assertEquals(await imagesIn(to), 80 * kills);
  }));
