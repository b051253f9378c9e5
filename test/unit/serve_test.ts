import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { defaultConfig } from "../../src/config/default_config.ts";
import { DatabaseSync } from "../../src/dependencies/sqlite.ts";
import { clusterFindings } from "../../src/run/clusters.ts";
import { duplicates } from "../../src/run/duplicates.ts";
import { outliers } from "../../src/run/outliers.ts";
import { watchRun } from "../../src/run/watched/watch_run.ts";
import { markRemoved } from "../../src/search/collection/additions.ts";
import { type Database, openDatabase } from "../../src/search/collection/database.ts";
import { explore } from "../../src/serve/explore.ts";
import { serve, type Served } from "../../src/serve/serve.ts";
import type { Compared } from "../../src/serve/messages.ts";
import { keepInside } from "../../src/serve/page/map/region.ts";
import { framed } from "../../src/serve/page/server.ts";
import { comparedIn } from "../../src/serve/page/state/compared.ts";
import { groupsOf } from "../../src/serve/page/state/groups.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { left, right } from "../support/either.ts";
import { png } from "../support/image_files.ts";
import { IMAGES, OF_EACH, type PhotoCollection, photos, withPhotoCollection } from "../support/photo_collection.ts";

/** Serves the small collection while `f` runs. */
async function withServer(
  f: (served: Served, made: PhotoCollection) => Promise<void>,
  images = photos(),
): Promise<void> {
  await withPhotoCollection(async (made) => {
    const served = serve(made.collection);
    try {
      await f(served, made);
    } finally {
      await served.close();
    }
  }, images);
}

/** The status and the text of an answer to a request in the very words that are sent. */
async function said(
  address: string,
  lines: readonly string[],
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(address);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(`${[...lines, "connection: close"].join("\r\n")}\r\n\r\n`));
  const text = await new Response(connection.readable).text();
  return { status: Number(text.split(" ")[1]), text };
}

/** The version of the images, as a part of a request. */
async function versionAt(address: string): Promise<string> {
  const { version } = await (await fetch(`${address}api/collection`)).json();
  return `version=${version}`;
}

/** The numbers that follow the head of an answer. */
function numbersOf(bytes: ArrayBuffer): ArrayBuffer {
  return bytes.slice(4 + new DataView(bytes).getUint32(0, true));
}

/** What is found by comparing all images. */
async function foundAt(address: string, kind: "neighbours" | "leaks"): Promise<ArrayBuffer> {
  const version = await versionAt(address);
  for (;;) {
    const response = await fetch(`${address}api/${kind}/toy?${version}`);
    if (response.status === 200) return await response.arrayBuffer();
    assertEquals(response.status, 202, await response.text());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Which images are near to each other, as the page reads it. */
async function comparedAt(address: string): Promise<Compared> {
  return comparedIn(framed(await foundAt(address, "neighbours")));
}

/** The number of leaks. */
async function leaksAt(address: string): Promise<number> {
  return new Float64Array(numbersOf(await foundAt(address, "leaks"))).length / 3;
}

Deno.test("the page and what it asks for are answered", async () => {
  await withServer(async ({ address }) => {
    const page = await fetch(address);
    assertStringIncludes(page.headers.get("content-security-policy")!, "default-src 'none'");
    assertStringIncludes(await page.text(), "page.js");
    const info = await (await fetch(`${address}api/collection`)).json();
    assertEquals([info.name, info.count], ["photos.moco", IMAGES]);
    assertEquals(info.encoders, [{ name: "toy", dim: 2, hasMap: true, hasClusters: false }]);
    const version = `version=${info.version}`;
    const labels = await (await fetch(`${address}api/column/label?${version}`)).arrayBuffer();
    const places = new Int32Array(numbersOf(labels));
    assertEquals([places.length, new Set(places).size], [IMAGES, 3]);
    const map = new Float32Array(numbersOf(await (await fetch(`${address}api/map/toy?${version}`)).arrayBuffer()));
    assertEquals([map.length, map[0], map[2 * OF_EACH]], [2 * IMAGES, 0, 4]);
    const like = { method: "POST", body: JSON.stringify({ these: [1], those: [] }) };
    const found = await (await fetch(`${address}api/like/toy?${version}`, like)).arrayBuffer();
    const similarities = new Float32Array(numbersOf(found));
    const nearest = Array.from(similarities.keys()).sort((a, b) => similarities[b] - similarities[a] || a - b);
    assertEquals(nearest.slice(0, 3), [0, OF_EACH - 2, OF_EACH - 1]); // the image, and its two copies
    const picture = await fetch(`${address}api/thumbnail/1?${version}`);
    assertEquals(picture.headers.get("content-type"), "image/png");
    await picture.body?.cancel();
  });
});

Deno.test("tags and selections are written, and read back", async () => {
  await withServer(async ({ address }, { collection }) => {
    const version = await versionAt(address);
    const post = (path: string, method: string, body: unknown) =>
      fetch(`${address}${path}?${version}`, { method, body: JSON.stringify(body) });
    const tagged = await (await post("api/tag/good", "POST", { ids: [1, 2], on: true })).json();
    assertEquals(tagged.tags, [{ name: "good", count: 2 }]);
    await (await post("api/tag/good", "POST", { ids: [2], on: false })).body?.cancel();
    assertEquals([...right(collection.tagged("good"))], [1]);
    const saved = await (await post("api/selection/a%2Fb", "PUT", { ids: [3, 1] })).json();
    assertEquals(saved.selections, [{ name: "a/b", count: 2 }]);
    assertEquals([...right(collection.selection("a/b"))!], [3, 1]);
    await (await fetch(`${address}api/selection/a%2Fb?${version}`, { method: "DELETE" })).body?.cancel();
    assertEquals(right(collection.selections()), []);
  });
});

Deno.test("whoever lacks the token, names another host or comes from another page is refused", async () => {
  await withServer(async ({ address }) => {
    const { host, pathname } = new URL(address);
    const path = `${pathname}api/collection`;
    const refused: readonly (readonly string[])[] = [
      [`GET /api/collection HTTP/1.1`, `host: ${host}`],
      [`GET / HTTP/1.1`, `host: ${host}`],
      [`GET /${"0".repeat(32)}/api/collection HTTP/1.1`, `host: ${host}`],
      [`GET ${path} HTTP/1.1`, "host: attacker.example"],
      [`GET ${path} HTTP/1.1`, "host: 127.0.0.1:1"],
      [`GET ${path} HTTP/1.1`, `host: ${host}`, "origin: https://attacker.example"],
      [`GET ${path} HTTP/1.1`, `host: ${host}`, "origin: null"],
      [`GET ${path} HTTP/1.1`, `host: ${host}`, "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors"],
      [`POST ${pathname}api/tag/x HTTP/1.1`, `host: ${host}`, "origin: http://127.0.0.1:1", "content-length: 0"],
    ];
    for (const lines of refused) {
      const { status, text } = await said(address, lines);
      assertEquals(status, 403, lines.join());
      assertMatch(text, /"error":"Cannot answer/);
    }
    assertEquals(
      (await said(address, [`GET ${path} HTTP/1.1`, `host: ${host}`, `origin: http://${host}`])).status,
      200,
    );
    const visit = ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate"]; // a bookmark in a web page
    assertEquals((await said(address, [`GET ${pathname} HTTP/1.1`, `host: ${host}`, ...visit])).status, 200);
  });
});

Deno.test("no path of a request leads to a file", async () => {
  await withServer(async ({ address }) => {
    const { host, pathname } = new URL(address);
    const outside = [
      "../../../../etc/passwd",
      "..%2f..%2f..%2fetc%2fpasswd",
      "%2e%2e/%2e%2e/etc/passwd",
      "/etc/passwd",
    ];
    const below = ["", "api/thumbnail/", "api/picture/", "api/column/", "api/map/"];
    const version = await versionAt(address);
    for (const path of outside.flatMap((name) => below.map((folder) => `${pathname}${folder}${name}?${version}`))) {
      const { status, text } = await said(address, [`GET ${path} HTTP/1.1`, `host: ${host}`]);
      assert([400, 403, 404].includes(status), `${path}: ${status}`);
      assert(!text.includes("root:"), path);
    }
    for (const name of ["-1", "0", "1e99", "NaN", "1 OR 1=1", "%00"]) {
      const response = await fetch(`${address}api/picture/${name}?${version}`);
      assertEquals(response.status, 404, name);
      await response.body?.cancel();
    }
  });
});

Deno.test("a collection from elsewhere shows no file outside of its folders, and no file that is no image", async () => {
  const [image] = photos();
  const text = new TextEncoder().encode("<script>alert(1)</script>");
  const hostile = [
    { ...image, path: "photos/../outside.png" },
    { ...image, path: "photos/link.png" },
    { ...image, path: "photos/text.png", bytes: text },
    { ...image, path: "photos/picture.svg", bytes: new TextEncoder().encode("<svg onload='alert(1)'/>") },
    { ...image, path: "photos/gone.png" },
  ];
  await withServer(async ({ address }, { folder }) => {
    await Deno.writeFile(`${folder}/secret.png`, image.bytes);
    await Deno.remove(`${folder}/photos/link.png`);
    await Deno.symlink(`${folder}/secret.png`, `${folder}/photos/link.png`);
    await Deno.remove(`${folder}/photos/gone.png`);
    const version = await versionAt(address);
    for (const [row, expected] of [403, 403, 415, 415, 404].entries()) {
      const response = await fetch(`${address}api/picture/${row + 1}?${version}`);
      const { error } = await response.json();
      assertEquals(response.status, expected, hostile[row].path);
      assertMatch(error, /^Cannot show the image: /);
    }
  }, hostile);
});

Deno.test("a hundred damaged images are shown or refused, and the server goes on", async () => {
  const [image] = photos();
  const large = png(Array.from({ length: 300 * 300 * 3 }, (_, at) => (at * at * 31 + (at >> 3)) % 251), 300, 300);
  const random = fc.sample(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 })), { numRuns: 100, seed: 1 });
  const damaged = random.map(([cut, at, value], number) => {
    const whole = number % 5 === 0 ? large : image.bytes; // large files are decoded by the server
    const bytes = whole.slice(0, number % 2 === 0 ? whole.length : 1 + cut % whole.length);
    bytes[at % bytes.length] = value;
    return { ...image, path: `photos/${number}.png`, bytes };
  });
  await withServer(async ({ address }) => {
    const version = await versionAt(address);
    for (let id = 1; id <= damaged.length; id++) {
      const response = await fetch(`${address}api/thumbnail/${id}?${version}`);
      const type = response.headers.get("content-type");
      assert(response.status === 200 ? type === "image/png" : response.status === 415, `${id}: ${response.status}`);
      await response.body?.cancel();
    }
    const { count } = await (await fetch(`${address}api/collection`)).json();
    assertEquals(count, damaged.length);
  }, damaged);
});

Deno.test("a request with a body that is none of the expected is refused in words", async () => {
  await withServer(async ({ address }) => {
    const { version } = await (await fetch(`${address}api/collection`)).json();
    const bodies = ["", "{", "[]", "null", `{"ids":"1"}`, `{"ids":[1.5],"on":true}`, `{"these":[1]}`];
    for (const body of bodies) {
      for (const path of ["api/tag/x", `api/like/toy?version=${version}`]) {
        const response = await fetch(`${address}${path}`, { method: "POST", body });
        assertEquals([response.status, Object.keys(await response.json())], [400, ["error"]], `${path} ${body}`);
      }
    }
    for (const [path, status] of [["api/nothing", 404], ["api/column/nothing", 409], ["api/map/none", 409]] as const) {
      const response = await fetch(`${address}${path}`);
      assertEquals(response.status, status, path);
      await response.body?.cancel();
    }
    const malformed = await fetch(`${address}api/tag/%ff?version=${version}`);
    assertEquals([malformed.status, (await malformed.json()).error], [400, "Cannot answer: URI malformed"]);
    const wrong = await fetch(`${address}api/tag/x`, { method: "PUT" });
    assertEquals(wrong.status, 405);
    await wrong.body?.cancel();
  });
});

Deno.test("a file that is no collection is refused in a line", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/notes.moco`;
  await Deno.writeTextFile(path, "notes, and not SQLite");
  assertEquals(
    renderRunError(left(await explore({ paths: [path] })())),
    `Cannot open ${path}: expected a collection, as moco embed makes it, found a file of another kind`,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a port that is another's, and one that there is not, are refused in a line, and the collection is closed", async () => {
  await withPhotoCollection(async ({ path }) => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    for (
      const [asked, expected] of [[port, "a port that is free"], [70_000, "a whole number in [1, 65535]"]] as const
    ) {
      const refused = left(await explore({ paths: [path], port: asked })());
      assertEquals(renderRunError(refused), `Cannot use port: expected ${expected}, found ${asked}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100)); // nothing is read for a server that did not start
    taken.close();
  });
});

Deno.test("duplicates and leaks are found by the server, which tells how far it is", async () => {
  await withServer(async ({ address }) => {
    const groups = groupsOf(await comparedAt(address), 0.01, IMAGES);
    assertEquals(
      groups.map(({ rows }) => rows),
      [0, 1, 2].map((kind) => [0, 22, 23].map((row) => OF_EACH * kind + row)),
    );
    assertEquals(await leaksAt(address), 3); // each kind has one test image
  });
});

Deno.test("the page finds the duplicates and the outliers that the commands find", async () => {
  await withServer(async ({ address }, { path }) => {
    const compared = await comparedAt(address);
    for (const within of [0.01, 0.05, 0.1, 0.6]) {
      const { groups } = right(await duplicates({ collection: path, within })());
      const expected = groups.map(({ keep, others }) =>
        [keep, ...others.map(({ image }) => image)].map(({ id }) => id)
      );
      assertEquals(
        inOrder(groupsOf(compared, within, IMAGES).map(({ rows }) => rows.map((row) => row + 1))),
        inOrder(expected),
      );
    }
    const found = right(await outliers({ collection: path, count: IMAGES })());
    const expected = new Map(found.map(({ image, distance }) => [image.id - 1, distance]));
    assertEquals([...compared.distances], Array.from({ length: IMAGES }, (_, row) => expected.get(row)));
  });
});

/** Groups of numbers, whatever their order was. */
function inOrder(groups: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return groups.map((group) => group.toSorted((a, b) => a - b)).toSorted(([a], [b]) => a - b);
}

Deno.test("what another program writes is compared anew if it is vectors, and not if it is tags", async () => {
  await withServer(async ({ address }, { path }) => {
    await comparedAt(address);
    await leaksAt(address);
    /** Another program writes, and the page is loaded again. */
    const afterwards = async (write: (database: Database) => void): Promise<string> => {
      const database = right(openDatabase(path, "write"));
      write(database);
      database.close();
      return await versionAt(address);
    };
    const version = await afterwards(({ run }) => run("INSERT INTO tags (image, tag) VALUES (1, 'good')"));
    const known = await fetch(`${address}api/neighbours/toy?${version}`);
    assertEquals(known.status, 200);
    await known.body?.cancel();

    await afterwards(({ run }) => run("DELETE FROM vectors_1 WHERE image <= ?", OF_EACH));
    const left = await comparedAt(address);
    assertEquals(
      Array.from(left.distances, Number.isNaN),
      Array.from({ length: IMAGES }, (_, row) => row < OF_EACH),
    );
    assert(left.shares.length > 0 && [...left.first, ...left.second].every((row) => row >= OF_EACH));
    assertEquals(await leaksAt(address), 2);

    // The last image of all becomes a copy of the first one that is left.
    const copy = "UPDATE vectors_1 SET vector = (SELECT vector FROM vectors_1 WHERE image = ?) WHERE image = ?";
    await afterwards(({ run }) => run(copy, OF_EACH + 1, IMAGES));
    const joined = groupsOf(await comparedAt(address), 0.01, IMAGES).find(({ rows }) => rows.includes(OF_EACH));
    assert(joined!.rows.includes(IMAGES - 1));
  });
});

Deno.test("what another program writes just before a tag is written is seen by the next page", async () => {
  await withPhotoCollection(async ({ collection, path }) => {
    const other = right(openDatabase(path, "write"));
    const served = serve({
      ...collection,
      tag: (ids, tag) => {
        markRemoved(other, [1], 77);
        return collection.tag(ids, tag);
      },
    });
    try {
      const version = await versionAt(served.address);
      const options = { method: "POST", body: JSON.stringify({ ids: [2], on: true }) };
      const tagged = await (await fetch(`${served.address}api/tag/good?${version}`, options)).json();
      assertEquals(tagged.tags, [{ name: "good", count: 1 }]);
      const { count } = await (await fetch(`${served.address}api/collection`)).json();
      assertEquals(count, IMAGES - 1);
      const again = await versionAt(served.address);
      await (await fetch(`${served.address}api/tag/good?${again}`, options)).body?.cancel();
      assertEquals(await versionAt(served.address), again); // what the page itself writes changes nothing
    } finally {
      await served.close();
      other.close();
    }
  });
});

Deno.test("a text in the path is found however its accents are written, and no rows are none", async () => {
  const [image] = photos();
  await withServer(async ({ address }) => {
    const version = await versionAt(address);
    for (const text of ["CAFÉ", "café"].flatMap((name) => [name.normalize("NFC"), name.normalize("NFD")])) {
      const found = await fetch(`${address}api/text?q=${encodeURIComponent(text)}&${version}`);
      assertEquals([...new Int32Array(numbersOf(await found.arrayBuffer()))], [0, 1], text);
    }
    assertEquals(await (await fetch(`${address}api/images?rows=&${version}`)).json(), []);
  }, ["NFC", "NFD"].map((form) => ({ ...image, path: `photos/café ${form}.png`.normalize(form) })));
});

Deno.test("an old page is refused by another collection at the same address, which stays as it is", async () => {
  const token = "0".repeat(32);
  await withPhotoCollection(async (before) => {
    const first = serve(before.collection, { token });
    const version = await versionAt(first.address);
    await first.close();
    await withPhotoCollection(async ({ collection }) => {
      const { address, close } = serve(collection, { token, port: Number(new URL(first.address).port) });
      try {
        assertEquals(address, first.address);
        assertNotEquals(await versionAt(address), version);
        right(collection.select([1], "kept"));
        const refused: readonly (readonly [string, RequestInit])[] = [
          ["api/thumbnail/1", {}],
          ["api/picture/1", {}],
          ["api/focus/toy", {}],
          ["api/views/toy", {}],
          ["api/tag/good", { method: "POST", body: JSON.stringify({ ids: [1], on: true }) }],
          ["api/selection/good", { method: "PUT", body: JSON.stringify({ ids: [1] }) }],
          ["api/selection/kept", { method: "DELETE" }],
        ];
        for (const [path, options] of refused) {
          const response = await fetch(`${address}${path}?${version}&image=1`, options);
          assertEquals([response.status, (await response.json()).error], [
            409,
            "The collection has changed. Load the page again.",
          ]);
        }
        assertEquals([right(collection.tags()), right(collection.selections())], [[], [{ name: "kept", count: 1 }]]);
      } finally {
        await close();
      }
    });
  });
});

Deno.test("a collection that another program writes to is busy, and has not changed", async () => {
  await withServer(async ({ address }, { path }) => {
    const version = await versionAt(address);
    const tag = async (): Promise<readonly [number, string | undefined]> => {
      const options = { method: "POST", body: JSON.stringify({ ids: [1], on: true }) };
      const response = await fetch(`${address}api/tag/good?${version}`, options);
      return [response.status, (await response.json()).error];
    };
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const [status, error] = await tag();
    other.close();
    assertEquals(status, 503);
    assertMatch(error!, /another program is writing to it\. Try again when it is done\.$/);
    assertEquals(await tag(), [200, undefined]);
  });
});

Deno.test("clusters have the numbers that moco clusters and an export give them", async () => {
  await withServer(async ({ address }, { collection }) => {
    const { ids } = right(collection.vectors());
    right(collection.setClusters({ ids, clusters: Int32Array.from(ids, (id) => id <= 40 ? 0 : 1), settings: {} }));
    const bytes = await (await fetch(`${address}api/clusters/toy?${await versionAt(address)}`)).arrayBuffer();
    const head = new TextDecoder().decode(new Uint8Array(bytes, 4, new DataView(bytes).getUint32(0, true)));
    const image = right(collection.images([1]))[0];
    const { sheet } = clusterFindings([0, 1].map(() => ({ size: 1, similarity: 1, central: [image] })));
    assertEquals(JSON.parse(head).values, sheet.map(({ title }) => title.split(":")[0]));
  });
});

Deno.test("a run beside a collection shows its views, as soon as its images are there", async () => {
  await withPhotoCollection(async ({ collection, folder }) => {
    const data = { name: "folder", path: `${folder}/later` };
    const config = { ...defaultConfig, data, augment: { ...defaultConfig.augment, size: 8 } };
    await Deno.mkdir(`${folder}/run`);
    await Deno.writeTextFile(`${folder}/run/config.json`, JSON.stringify(config));
    const { address, close } = serve(collection, { runs: [{ name: "run", run: watchRun(`${folder}/run`) }] });
    try {
      const refused = await fetch(`${address}api/run-views/0`);
      assertEquals(refused.status, 404);
      assertStringIncludes((await refused.json()).error, `${folder}/later`);
      await Deno.rename(`${folder}/photos`, `${folder}/later`);
      const response = await fetch(`${address}api/run-views/0`);
      assertEquals([response.status, response.headers.get("content-type")], [200, "image/png"]);
      await response.body?.cancel();
    } finally {
      await close();
    }
  });
});

Deno.test("a collection of one image has neither duplicates nor leaks", async () => {
  await withServer(async ({ address }) => {
    const { version } = await (await fetch(`${address}api/collection`)).json();
    const ask = (kind: string) => fetch(`${address}api/${kind}/toy?version=${version}`);
    const leaks = await ask("leaks"); // at once: nothing is computed
    assertEquals([leaks.status, numbersOf(await leaks.arrayBuffer()).byteLength], [200, 0]);
    const neighbours = await ask("neighbours");
    assertEquals(neighbours.status, 200);
    const { distances, shares } = comparedIn(framed(await neighbours.arrayBuffer()));
    assertEquals([[...distances], shares.length], [[NaN], 0]);
  }, photos().slice(0, 1));
});

Deno.test("a region of the map holds the points inside of its border", () => {
  const points = Float32Array.of(0.5, 0.5, 1.5, 0.5, 0.9, 0.1, NaN, NaN);
  const shown = new Uint8Array(4).fill(1);
  keepInside(shown, points, [0, 0, 1, 0, 0, 1, 0, 0.9]); // a triangle, nearly
  assertEquals([...shown], [0, 0, 1, 0]);
});
