import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { moco, succeeds } from "./program.ts";

Deno.test("engine says which TensorFlow runs, on what, and whether oneDNN and XLA work", async () => {
  const info = JSON.parse(await succeeds("engine", "--json"));
  assertEquals(info.tensorflow, "2.21.0");
  assert(info.devices.some((device: { readonly type: string }) => device.type === "CPU"));
  assertEquals([typeof info.oneDnn, info.xla], ["boolean", true]);
  await Deno.stat(info.library);
  const text = await succeeds("engine");
  for (const part of ["TensorFlow", "2.21.0", info.library, "oneDNN", "XLA"]) assertStringIncludes(text, part);
});

Deno.test("a library folder without a library is one clear message and status 1", async () => {
  const before = Deno.env.get("MOCO_TENSORFLOW");
  Deno.env.set("MOCO_TENSORFLOW", "/nowhere");
  try {
    const { code, stdout, stderr } = await moco("engine");
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "error: Cannot use MOCO_TENSORFLOW=/nowhere");
    assertEquals(stderr.trim().split("\n").length, 1);
  } finally {
    if (before === undefined) Deno.env.delete("MOCO_TENSORFLOW");
    else Deno.env.set("MOCO_TENSORFLOW", before);
  }
});
