/**
 * `moco explore` by the real program, with the permissions of the task.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { opened } from "../support/collections.ts";
import { right } from "../support/either.ts";
import { withPhotoCollection } from "../support/photo_collection.ts";
import { moco, taskArguments } from "./program.ts";

/** Starts the program in a cache folder of its own, and gives the address that it prints. */
async function started(
  collection: string,
  cache: string,
): Promise<{ readonly child: Deno.ChildProcess; readonly address: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...taskArguments, "explore", collection],
    env: { MOCO_TASK_FOLDER: Deno.cwd(), MOCO_CACHE: cache },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += part;
    const address = said.match(/Open (http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/)/)?.[1];
    if (address !== undefined) return { child, address };
  }
  throw new Error(`moco explore ended without an address: ${said}`);
}

Deno.test("moco explore prints an address, answers there, and has the same secret the next time", async () => {
  await withPhotoCollection(async ({ folder, path }) => {
    const secrets: string[] = [];
    for (let start = 0; start < 2; start++) {
      const { child, address } = await started(path, `${folder}/cache`);
      try {
        const page = await fetch(address);
        assertStringIncludes(await page.text(), "moco explore");
        const { count } = await (await fetch(`${address}api/collection`)).json();
        assertEquals(count, 72);
        secrets.push(new URL(address).pathname);
      } finally {
        child.kill("SIGINT");
        await child.status;
      }
    }
    assertEquals(secrets[0], secrets[1]);
    const { mode } = await Deno.stat(`${folder}/cache/explore-token`);
    if (Deno.build.os !== "windows") assertEquals(mode! & 0o077, 0); // others cannot read it
  });
});

Deno.test("after Ctrl-C the collection is one file, with what was tagged on the page", async () => {
  await withPhotoCollection(async ({ folder, path }) => {
    const own = `${folder}/own.moco`; // which no other program has open
    await Deno.copyFile(path, own);
    const { child, address } = await started(own, `${folder}/cache`);
    const { version } = await (await fetch(`${address}api/collection`)).json();
    const body = JSON.stringify({ ids: [1], on: true });
    const headers = { "content-type": "application/json" };
    const tagged = await fetch(`${address}api/tag/good?version=${version}`, { method: "POST", headers, body });
    assertEquals(tagged.status, 200);
    await tagged.body?.cancel();
    child.kill("SIGINT");
    assertEquals((await child.status).code, 130);
    await assertRejects(() => Deno.stat(`${own}-wal`), Deno.errors.NotFound);
    const collection = await opened(own);
    assertEquals(right(collection.tags()), [{ name: "good", count: 1 }]);
    collection.close();
  });
});

Deno.test("moco explore refuses what is no collection in a line, and a port that is none", async () => {
  const missing = await moco("explore", "no/such/photos.moco");
  assertMatch(missing.stderr, /^error: Cannot read .*photos\.moco: no such file or folder\n$/);
  assertEquals(missing.code, 1);
  const port = await moco("explore", "photos.moco", "--port", "many");
  assertStringIncludes(port.stderr, "Cannot use --port: expected a whole number");
  assertEquals(port.code, 2);
  const high = await moco("explore", "photos.moco", "--port", "70000");
  assertEquals([high.code, high.stderr], [
    2,
    "error: Cannot use port: expected a whole number in [1, 65535], found 70000\n",
  ]);
});

Deno.test("moco explore watches a run's folder without a collection, and refuses a folder of something else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/run/checkpoints`, { recursive: true });
    await Deno.writeTextFile(`${folder}/run/metrics.jsonl`, '{"step":1,"epoch":0.5,"metrics":{"loss":2}}\n');
    const { child, address } = await started(`${folder}/run`, `${folder}/cache`);
    try {
      assertEquals(await (await fetch(`${address}api/here`)).json(), { hasCollection: false, runs: 1 });
      const [{ name, end }] = await (await fetch(`${address}api/runs`)).json();
      assertEquals([name, end], ["run", { step: 1, epoch: 0.5 }]);
    } finally {
      child.kill("SIGINT");
      await child.status;
    }
    const { stderr, code } = await moco("explore", `${folder}/cache`);
    assertMatch(
      stderr,
      /^error: Cannot explore .*cache: expected .* a run's folder, found a folder with explore-token\n$/,
    );
    assertEquals(code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
