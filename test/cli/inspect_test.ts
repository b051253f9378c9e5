import { assertEquals, assertStringIncludes } from "@std/assert";
import { encode } from "../../src/files/safetensors.ts";
import { inFolder, moco, succeeds } from "./program.ts";

const values = Float32Array.of(1, 2, 3, NaN, -2, Infinity);
const tensors = [
  { name: "query.params.head.weight", dtype: "F32", shape: [2, 3], data: new Uint8Array(values.buffer) },
  { name: "step", dtype: "I32", shape: [], data: new Uint8Array(Int32Array.of(7).buffer) },
] as const;

Deno.test("inspect lists names, dtypes, shapes, bytes and metadata", () =>
  inFolder(async (folder) => {
    const file = `${folder}/x.safetensors`;
    await Deno.writeFile(file, encode(tensors, { config: '{"training":{"batch":8}}' }));
    const text = await succeeds("inspect", file);
    assertStringIncludes(text, "2 tensors, 28 B");
    assertStringIncludes(text, 'config: {"training":{"batch":8}}');
    assertStringIncludes(text, "query.params.head.weight  F32    [2, 3]     24");
    assertEquals(JSON.parse(await succeeds("inspect", file, "--json")), {
      file,
      metadata: { config: { training: { batch: 8 } } },
      tensors: [
        { name: "query.params.head.weight", dtype: "F32", shape: [2, 3], bytes: 24 },
        { name: "step", dtype: "I32", shape: [], bytes: 4 },
      ],
    });
  }));

Deno.test("inspect --tensor gives the statistics of the finite values and counts the others", () =>
  inFolder(async (folder) => {
    const file = `${folder}/x.safetensors`;
    await Deno.writeFile(file, encode(tensors));
    const [found] = JSON.parse(await succeeds("inspect", file, "--tensor", "query", "--json")).tensors;
    assertEquals(found.statistics, {
      minimum: -2,
      maximum: 3,
      mean: 1,
      deviation: Math.sqrt((0 + 1 + 4 + 9) / 4),
      notFinite: 2,
    });
    const none = await moco("inspect", file, "--tensor", "kye");
    assertEquals([none.code, none.stderr], [
      1,
      `error: Cannot inspect ${file}: expected the beginning of a tensor's name, found "kye"\n`,
    ]);
  }));

Deno.test("a file that is absent, cut or no tensor file is one clear message and status 1", () =>
  inFolder(async (folder) => {
    const absent = await moco("inspect", `${folder}/absent.safetensors`);
    assertEquals(absent.stderr, `error: Cannot read ${folder}/absent.safetensors: no such file or folder\n`);
    const whole = encode(tensors);
    await Deno.writeFile(`${folder}/cut.safetensors`, whole.subarray(0, whole.length - 3));
    const cut = await moco("inspect", `${folder}/cut.safetensors`);
    assertStringIncludes(cut.stderr, "the file is damaged");
    await Deno.writeTextFile(`${folder}/text.safetensors`, "hello, this is no tensor file");
    const text = await moco("inspect", `${folder}/text.safetensors`);
    assertEquals([absent.code, cut.code, text.code], [1, 1, 1]);
    assertEquals([cut, text].map(({ stderr }) => stderr.trim().split("\n").length), [1, 1]);
  }));
