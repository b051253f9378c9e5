/** Views of image files against Pillow and torchvision: see crops.py. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openImage } from "../../src/data/image_source.ts";
import { centralView, resizedBox, shownSize } from "../../src/data/placement.ts";
import { planOf } from "../../src/data/view_plan.ts";
import { viewStream } from "../../src/data/view_stream.ts";
import { readBytes } from "../../src/engine/mod.ts";
import { right } from "../support/either.ts";
import { readGolden } from "../support/golden.ts";

const [size, shorter] = [24, 32];
const golden = await readGolden("crops_expected");
const names = [...golden.keys()].filter((name) => name.endsWith(".boxes")).map((name) => name.replace(".boxes", ""));

Deno.test("there are image files of every format and kind", () => {
  assertEquals(names.length, 28);
});

Deno.test("views of image files equal Pillow's and torchvision's to within one level of 255", async (test) => {
  const stream = viewStream({ views: 3, size, channels: 3, batch: 1 });
  for (const name of names) {
    await test.step(name, () => {
      const path = fileURLToPath(new URL(`images/${name}`, import.meta.url));
      const { header, source, reading } = right(openImage(path));
      const [first, second] = [0, 4].map((at) => {
        const [top, left, height, width] = golden.get(`${name}.boxes`)!.values.subarray(at, at + 4);
        return resizedBox({ top, left, height, width }, size);
      });
      const { height, width } = shownSize(header);
      const placements = [first, second, centralView(height, width, shorter, size)];
      const plan = planOf(header, placements, size, reading);
      const [views] = stream.each([{ source, plan }]);
      if (views instanceof Error) throw views;
      const found = views.flatMap((view) => [...readBytes(view)]);
      views.forEach((view) => view.dispose());
      const expected = golden.get(`${name}.views`)!.values;
      assertEquals(found.length, expected.length);
      const worst = found.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index])), 0);
      assert(worst <= 1, `expected differences of at most 1, found ${worst}`);
    });
  }
  stream.close();
});
