/** One image as an encoder sees it, and the pictures of images that are no files of the collection's first folder. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { dispose } from "../../src/core/scope.ts";
import { imagesInOrder } from "../../src/data/in_order.ts";
import { DatabaseSync } from "../../src/dependencies/sqlite.ts";
import { tf } from "../../src/engine/mod.ts";
import { embed } from "../../src/run/embed.ts";
import { openEncoder } from "../../src/run/encoder.ts";
import { type Collection, openCollection } from "../../src/search/collection/collection.ts";
import { serve } from "../../src/serve/serve.ts";
import { assertClose } from "../support/close.ts";
import { right } from "../support/either.ts";
import { storeEncoder } from "../support/stored_encoder.ts";

const fixtures = fileURLToPath(new URL("../fixtures/shards", import.meta.url));

/** Two heads, and four patches of an image of 8 x 8 pixels. */
const vit = { name: "vit-tiny", channels: 8, depth: 2, heads: 2, patch: 4 } as const;

type Opened = {
  readonly address: string;
  readonly collection: Collection;
  readonly weights: string;
  /** The version of the images, as a part of a request. */
  readonly version: string;
};

/** Embeds the images of a folder, and of a second one, with an untrained ViT, and serves them while `f` runs. */
async function withLooks(path: string, f: (opened: Opened) => Promise<void>, testPath?: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const weights = `${folder}/vit.safetensors`;
    await storeEncoder(weights, { encoder: vit });
    const data = { name: "folder", path, labels: "none", ...testPath === undefined ? {} : { testPath } } as const;
    right(await embed({ run: weights, data, to: `${folder}/photos.moco` })());
    const collection = right(await openCollection(`${folder}/photos.moco`, { write: true })());
    const served = serve(collection);
    try {
      const { version } = await (await fetch(`${served.address}api/collection`)).json();
      await f({ address: served.address, collection, weights, version: `version=${version}` });
    } finally {
      await served.close();
      collection.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const source of ["tar", "tar/photos-000.tar", "tar/photos-{000..001}.tar", "tar/photos-{001,000}.tar"]) {
  Deno.test(`images inside the shards of ${source} are shown as they are`, async () => {
    await withLooks(`${fixtures}/${source}`, async ({ address, collection, version }) => {
      const images = right(collection.images());
      assert(images.length > 1);
      for (const { id, digest, path } of images) {
        for (const kind of ["thumbnail", "picture"]) {
          const response = await fetch(`${address}api/${kind}/${id}?${version}`);
          const bytes = new Uint8Array(await response.arrayBuffer());
          assertEquals(response.status, 200, path);
          assertEquals(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex(), digest, path);
        }
      }
    });
  });
}

Deno.test("a collection of one shard shows no image of the shard beside it, nor a file", async () => {
  await withLooks(`${fixtures}/tar/photos-000.tar`, async ({ address, collection }) => {
    const beside = [
      "../photos-001.tar/none.jpg",
      "../../folder/cat/../../tar/photos-001.tar/none.jpg",
      "../photos-001.tar",
      ".",
    ];
    const file = new DatabaseSync(collection.path);
    const change = file.prepare("UPDATE images SET path = ? WHERE id = ?");
    beside.forEach((path, place) => change.run(path, place + 1));
    file.close();
    const { version } = await (await fetch(`${address}api/collection`)).json();
    for (const [place, path] of beside.entries()) {
      const response = await fetch(`${address}api/picture/${place + 1}?version=${version}`);
      assertEquals([response.status, (await response.json()).error], [
        403,
        "Cannot show the image: its file is outside of the collection's folders",
      ], path);
    }
  });
});

Deno.test("an image that its shard no longer has is refused in a sentence", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.copyFile(`${fixtures}/tar/photos-000.tar`, `${folder}/photos.tar`);
    await withLooks(folder, async ({ address, version }) => {
      await Deno.copyFile(`${fixtures}/tar/photos-001.tar`, `${folder}/photos.tar`);
      const response = await fetch(`${address}api/picture/1?${version}`);
      assertEquals(response.status, 415);
      assertMatch(
        (await response.json()).error,
        /^Cannot show the image: expected the image in .*photos\.tar, found no/,
      );
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the images of a second folder are shown too", async () => {
  await withLooks(`${fixtures}/folder/cat`, async ({ address, collection, version }) => {
    const held = right(collection.images()).filter(({ split }) => split === "test");
    assert(held.length > 0);
    for (const { id, path } of held) {
      const response = await fetch(`${address}api/picture/${id}?${version}`);
      assertEquals(response.status, 200, path);
      await response.body?.cancel();
    }
  }, `${fixtures}/folder/dog`);
});

for (const where of ["folder", "tar"]) {
  Deno.test(`what an encoder attends to in an image of a ${where} is what it computes by itself`, async () => {
    await withLooks(`${fixtures}/${where}`, async ({ address, collection, weights, version }) => {
      const [{ id }] = right(collection.images());
      const [{ name }] = right(collection.encoders());
      const response = await fetch(`${address}api/focus/${name}?image=${id}&${version}`);
      assertEquals(response.status, 200);
      const bytes = await response.arrayBuffer();
      const length = new DataView(bytes).getUint32(0, true);
      const info = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
      assertEquals(info, { kind: "attention", maps: 2, rows: 2, columns: 2, isCentral: true, crop: 8 / 9 });

      const encoder = right(await openEncoder({ run: weights }, {}, () => {})());
      const file = `${fixtures}/folder/cat/${
        [...Deno.readDirSync(`${fixtures}/folder/cat`)].map((entry) => entry.name).sort()[0]
      }`;
      const one = { name: "one", paths: [file], count: 1, height: 8, width: 8, channels: 3 } as const;
      const [{ images }] = imagesInOrder(one, 1);
      const maps = encoder.focus!.maps(images);
      assertClose(Array.from(new Float32Array(bytes.slice(4 + length))), Array.from(maps.dataSync()), "reduction");
      // The class token attends to itself as well, so the patches have less than 1.
      const sums = tf.sum(maps, [2, 3]);
      assert(sums.dataSync().every((sum) => sum > 0 && sum < 1));
      dispose({ images, maps, sums });
      encoder.close();
    });
  });
}

Deno.test("encoders of which only some stay open answer whenever they are asked", async () => {
  await withLooks(`${fixtures}/folder`, async ({ address, collection, weights }) => {
    const data = { name: "folder", path: `${fixtures}/folder`, labels: "none" } as const;
    for (const seed of [1, 2]) {
      const run = `${weights.replace(".safetensors", "")}-${seed}.safetensors`;
      await storeEncoder(run, { encoder: vit, seed });
      right(await embed({ run, data, to: collection.path, as: `${seed}` })());
    }
    const { version, encoders } = await (await fetch(`${address}api/collection`)).json();
    const asked = async (name: string): Promise<Uint8Array> => {
      const response = await fetch(`${address}api/focus/${name}?image=1&version=${version}`);
      assertEquals(response.status, 200, name);
      return new Uint8Array(await response.arrayBuffer());
    };
    const names = encoders.map(({ name }: { readonly name: string }) => name);
    assertEquals(names.length, 3);
    const first = await Promise.all(names.map(asked));
    assertNotEquals(first[0], first[1]);
    assertEquals(await Promise.all(names.map(asked)), first);
  });
});

Deno.test("an image's two views are the same for one seed, and others for another", async () => {
  await withLooks(`${fixtures}/folder`, async ({ address, collection, version }) => {
    const [{ name }] = right(collection.encoders());
    const drawn = async (seed: string): Promise<Uint8Array> => {
      const response = await fetch(`${address}api/views/${name}?image=1&seed=${seed}&${version}`);
      assertEquals([response.status, response.headers.get("content-type")], [200, "image/png"]);
      return new Uint8Array(await response.arrayBuffer());
    };
    const [first, again, other] = [await drawn("1"), await drawn("1"), await drawn("2")];
    assertEquals(first, again);
    assertNotEquals(first, other);
    const header = new DataView(first.buffer, 16);
    assertEquals([header.getUint32(0), header.getUint32(4)], [16, 8]); // two views of 8 x 8 pixels, side by side
    for (const query of ["image=1&seed=-1", "image=0&seed=1", "image=1&seed=x"]) {
      const refused = await fetch(`${address}api/views/${name}?${query}&${version}`);
      assert(refused.status >= 400 && refused.status < 500, query);
      await refused.body?.cancel();
    }
  });
});

Deno.test("an image whose encoder was away is searched by as soon as the encoder is there", async () => {
  await withLooks(`${fixtures}/folder`, async ({ address, collection, weights, version }) => {
    const [{ name }] = right(collection.encoders());
    const file = right(collection.images())[0].file!;
    const { id } = await (await fetch(`${address}api/example`, { method: "POST", body: await Deno.readFile(file) }))
      .json();
    const search = async (): Promise<number> => {
      const body = JSON.stringify({ these: [], those: [], examples: [id] });
      const response = await fetch(`${address}api/like/${name}?${version}`, { method: "POST", body });
      await response.body?.cancel();
      return response.status;
    };
    await Deno.rename(weights, `${weights}.away`);
    assertEquals(await search(), 400);
    await Deno.rename(`${weights}.away`, weights);
    assertEquals(await search(), 200);
  });
});
