import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/config.ts";
import { presets } from "../../src/config/presets.ts";
import type { Config } from "../../src/config/types.ts";
import { renderConfigErrors } from "../../src/config/render.ts";

function config(name: string): Config {
  const parsed = parseConfig(presets[name].config, { data: false });
  if (parsed._tag === "Left") throw new Error(`${name}: ${renderConfigErrors(parsed.left)}`);
  return parsed.right;
}

Deno.test("every preset is valid but for the path of its data", () => {
  for (const name of Object.keys(presets)) config(name);
});

Deno.test("the presets v1 and v2 hold the papers' numbers", () => {
  const v1 = config("v1");
  assertEquals(v1.method, {
    name: "moco",
    queue: 65536,
    momentum: 0.999,
    temperature: 0.07,
    symmetric: false,
    shuffle: true,
    groups: 8,
  });
  assertEquals([v1.optimizer.learningRate, v1.optimizer.weightDecay, v1.optimizer.momentum], [0.03, 1e-4, 0.9]);
  assertEquals([v1.optimizer.schedule, v1.optimizer.milestones], ["step", [120, 160]]);
  assertEquals([v1.training.epochs, v1.training.batch, v1.encoder.head, v1.augment.recipe], [200, 256, "linear", "v1"]);
  const v2 = config("v2");
  assertEquals({ ...v2.method, temperature: 0.07 }, v1.method);
  assertEquals([v2.method.temperature, v2.optimizer.schedule], [0.2, "cosine"]);
  assertEquals([v2.encoder.head, v2.augment.recipe, v2.augment.size], ["mlp", "v2", 224]);
});
