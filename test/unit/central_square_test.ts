import { assertEquals } from "@std/assert";
import { plainView } from "../../src/augment/recipe.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { PartialConfig } from "../../src/config/types.ts";
import { scope } from "../../src/core/scope.ts";
import { centralViews } from "../../src/data/central_views.ts";
import { imagesInOrder } from "../../src/data/in_order.ts";
import { tf } from "../../src/engine/mod.ts";
import { centralSquare, shareSeen } from "../../src/run/central_square.ts";
import { embed } from "../../src/run/embed.ts";
import { loadImages } from "../../src/run/images.ts";
import { search } from "../../src/run/search.ts";
import { assertClose } from "../support/close.ts";
import { right } from "../support/either.ts";
import { png, withFiles } from "../support/image_files.ts";
import { storeEncoder } from "../support/stored_encoder.ts";

/** Noise, so that each pixel counts. */
const noise = (seed: number) => png(Array.from({ length: 74 * 90 * 3 }, (_, i) => (i * i * seed + i) % 256), 74, 90);

const configOf = (augment: PartialConfig["augment"], data: PartialConfig["data"] = {}) =>
  right(parseConfig({ augment, data: { name: "folder", path: "/photos", ...data } }));

Deno.test("of an image in a file, the share that evaluation sees is cut out once, after one resizing", () =>
  withFiles({ "a.png": noise(7) }, async (path) => {
    const augment = { size: 28, evaluationSize: 32, evaluationCrop: 0.8, mean: [0, 0, 0], std: [1, 1, 1] };
    const config = configOf(augment, { path, labels: "none" });
    assertEquals(centralSquare(config.augment), { size: 40, shorter: 40 });
    const { train } = right(await loadImages(config)());
    scope(() => {
      const [{ images }] = imagesInOrder(train, 1);
      const seen = plainView({ ...augment, size: 32, crop: 0.8 })(images);
      const [once] = centralViews({
        source: { name: "one", paths: [`${path}/a.png`] },
        batch: 1,
        size: 32,
        shorter: 40,
      });
      assertEquals(seen.shape, [1, 32, 32, 3]);
      assertClose(seen.dataSync(), tf.div(tf.cast(once.images, "float32"), 255).dataSync(), "elementwise");
    });
  }));

Deno.test("an image that is searched by is cut as the images of the collection were", () =>
  withFiles({ "photos/a.png": noise(7), "photos/b.png": noise(11) }, async (folder) => {
    const [run, to] = [`${folder}/encoder.safetensors`, `${folder}/photos.moco`];
    await storeEncoder(run);
    const data = { name: "folder", path: `${folder}/photos` } as const;
    right(await embed({ run, to, data, augment: { evaluationCrop: 0.6 } })());
    const { queries: [{ found }] } = right(await search({ collection: to, like: [`${data.path}/b.png`], count: 1 })());
    assertEquals(found[0].image.path, "b.png");
    assertClose([found[0].similarity], [1], "reduction");
  }));

Deno.test("the share that an encoder sees is the asked one, or what is left of larger images of a folder", () => {
  const share = (augment: PartialConfig["augment"], data?: PartialConfig["data"]) => shareSeen(configOf(augment, data));
  assertEquals(share({ size: 224, evaluationCrop: 0.9 }), 0.9);
  assertEquals(share({ size: 224 }), 0.875);
  assertEquals(share({ size: 96 }, { name: "stl10" }), 1);
  assertEquals(share({ size: 64 }, { name: "stl10" }), 64 / 73);
  assertEquals(share({ size: 28 }, { name: "fashion-mnist" }), 1);
});
