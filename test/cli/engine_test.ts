import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { findLibrary } from "../../src/engine/install/library.ts";
import { inFolder, moco, succeeds } from "./program.ts";

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
  await withVariables({ MOCO_TENSORFLOW: "/nowhere" }, async () => {
    const { code, stdout, stderr } = await moco("engine");
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "error: Cannot use MOCO_TENSORFLOW=/nowhere");
    assertEquals(stderr.trim().split("\n").length, 1);
    assertStringIncludes((await moco("engine", "--verify")).stderr, "whose digests are not known");
  });
});

Deno.test("where TensorFlow cannot be started, a command that computes says so in one message", () =>
  inFolder((folder) =>
    withVariables({ MOCO_TENSORFLOW: "/nowhere" }, async () => {
      const images = join(folder, "images");
      await Deno.writeFile(images, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9)); // two of 1 x 1
      const asked = ["--data", "idx", "--path", images, "--out", join(folder, "sheet.png")];
      const { code, stderr } = await moco("augment", ...asked);
      assertEquals(code, 1);
      assertMatch(stderr, /^error: Cannot use MOCO_TENSORFLOW=\/nowhere.*\n$/);
    })
  ));

const linux = { ignore: Deno.build.os !== "linux" };

Deno.test("engine --verify finds a damaged file, and engine --repair installs it again", linux, async () => {
  await withInstallation("whole", async (installed) => {
    assertStringIncludes((await moco("engine", "--verify")).stderr, "expected a whole installation");
    assertStringIncludes(await succeeds("engine", "--repair"), "is whole: 2 files");
    const file = `${installed}/libtensorflow_framework.so.2`;
    Deno.writeTextFileSync(file, "FRAMEWORK\n");
    const { code, stdout, stderr } = await moco("engine", "--verify");
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "error: Cannot verify the engine: tensorflow/libtensorflow_framework.so.2 in ");
    assertStringIncludes(await succeeds("engine", "--repair"), "is whole: 2 files");
    assertEquals(Deno.readTextFileSync(file), "framework\n");
    const whole = await moco("engine", "--verify");
    assertStringIncludes(whole.stdout, "tensorflow_cpu-2.21.0.whl");
    assertEquals(whole.stderr, "", "where the PATH holds deno and python3, and no python");
  });
});

Deno.test("a library with a zeroed block ends no start without a word: it is installed again", linux, async () => {
  await withInstallation("real", async (installed) => {
    await succeeds("engine", "--repair");
    const file = `${installed}/libtensorflow_framework.so.2`;
    const bytes = await Deno.readFile(file);
    await Deno.remove(file); // it is a link to the installed one
    await Deno.writeFile(file, bytes.fill(0, bytes.length / 4, bytes.length / 2));
    await Deno.utime(file, 0, 0);
    const { code, stdout, stderr } = await moco("engine", "--json");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "The engine is damaged: tensorflow/libtensorflow_framework.so.2 in ");
    assertEquals(JSON.parse(stdout).xla, true);
  });
});

/** Runs `f` in an empty cache folder, with the fake Python that behaves as told. */
async function withInstallation(fake: string, f: (libraries: string) => Promise<void>): Promise<void> {
  const libraries = dirname(findLibrary().library);
  await inFolder(async (folder) => {
    const python = new URL("../support/fake_python.sh", import.meta.url);
    await Deno.copyFile(python, `${folder}/python3`);
    await Deno.chmod(`${folder}/python3`, 0o755);
    await Deno.symlink(Deno.execPath(), `${folder}/deno`);
    const variables = {
      PATH: folder,
      MOCO_CACHE: folder,
      MOCO_TENSORFLOW: "",
      CUDA_VISIBLE_DEVICES: "", // the build without CUDA, also where there is a GPU
      FAKE: fake,
      FAKE_LOG: `${folder}/log`,
      FAKE_LIBRARIES: libraries,
    };
    await withVariables(variables, () => f(`${folder}/engine/tensorflow-2.21.0-cpu/tensorflow`));
  });
}

/** Runs `f` with these variables in the environment. */
async function withVariables(variables: Readonly<Record<string, string>>, f: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await f();
  } finally {
    for (const [name, value] of before) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  }
}
