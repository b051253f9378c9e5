import { assert, assertEquals } from "@std/assert";
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter } from "@zip.js/zip.js";
import { readPyTorch } from "../../src/interchange/pytorch/read.ts";

configure({ useWebWorkers: false });

const whole = Deno.readFileSync(new URL("../fixtures/pytorch/plain.pth", import.meta.url));

type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** The files of an archive, by their names. */
async function filesOf(bytes: Uint8Array<ArrayBuffer>): Promise<Files> {
  const files: Files = new Map();
  for (const entry of await new ZipReader(new Uint8ArrayReader(bytes)).getEntries()) {
    if (!entry.directory) files.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
  }
  return files;
}

/** An archive of files, stored as they are unless a level says otherwise. */
async function archive(files: Iterable<readonly [string, Uint8Array]>, level = 0): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { level, useWebWorkers: false });
  for (const [name, data] of files) await writer.add(name, new Uint8ArrayReader(data));
  return await writer.close();
}

async function refusal(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const found = await readPyTorch(bytes);
  return found._tag === "Left" ? `expected ${found.left.expected}, found ${found.left.found}` : "read";
}

const files = await filesOf(whole);
const [folder] = [...files.keys()][0].split("/");

/** The files with some in other places or with other bytes. */
const changed = (change: (files: Files) => void): Files => {
  const copy = new Map(files);
  change(copy);
  return copy;
};

Deno.test("an archive that is packed anew is read as before", async () => {
  assertEquals(await refusal(await archive(files)), "read");
});

Deno.test("archives that are not as PyTorch writes them are refused, each for its cause", async () => {
  const storage = `${folder}/data/0`;
  const cases: readonly (readonly [Files, number, string])[] = [
    [files, 9, "expected files that are stored as they are"],
    [
      changed((all) => all.set(`${folder}/bomb`, new Uint8Array(50_000_000))),
      9,
      "expected files that are stored as they are",
    ],
    [changed((all) => all.delete(storage)), 0, "expected the file data/0 in the archive, found none"],
    [changed((all) => all.set(storage, all.get(storage)!.slice(4))), 0, "expected "],
    [changed((all) => all.set(storage, new Uint8Array(all.get(storage)!.length + 4))), 0, "expected "],
    [changed((all) => all.delete(`${folder}/data.pkl`)), 0, "expected data.pkl in the archive"],
    [changed((all) => all.set(`other/data.pkl`, Uint8Array.of(1))), 0, "expected each file of the archive once"],
    [changed((all) => all.set(`${folder}/byteorder`, new TextEncoder().encode("big"))), 0, "expected little-endian"],
  ];
  for (const [contents, level, wanted] of cases) {
    const bytes = await archive(contents, level);
    const started = performance.now();
    const found = await refusal(bytes);
    assert(found.startsWith(wanted), `${found}: wanted ${wanted}`);
    assert(performance.now() - started < 2000);
  }
});

Deno.test("archives with paths that lead out of them are refused", async () => {
  for (const name of ["../../etc/passwd", "/etc/passwd", "..\\..\\windows", `${folder}/../../data/0`]) {
    const found = await refusal(await archive([...files, [name, new Uint8Array(9)]]));
    assertEquals(found, "expected a whole zip archive, found unsafe filename", name);
  }
});

Deno.test("two entries that lie in the same bytes are refused", async () => {
  const bytes = await archive(files);
  const view = new DataView(bytes.buffer);
  const entries: number[] = [];
  for (let at = 0; at + 46 < bytes.length; at++) if (view.getUint32(at, true) === 0x02014b50) entries.push(at);
  const [first, second] = entries.filter((at) => {
    const length = view.getUint16(at + 28, true);
    return new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + length)).includes("/data/");
  });
  view.setUint32(second + 42, view.getUint32(first + 42, true), true);
  assert((await refusal(bytes)).startsWith("expected "));
});

Deno.test("an archive with changed bytes, wherever they are, is read or refused within a second, and never throws", async () => {
  for (let seed = 0; seed < 400; seed++) {
    const bytes = whole.slice();
    // Half of them in the directory at the end, where lengths and offsets are.
    const from = seed % 2 === 0 ? 0 : bytes.length - 1500;
    for (let change = 0; change < 3; change++) {
      bytes[from + (seed * 7919 + change * 104729) % (bytes.length - from)] = (seed * 31 + change * 77) & 255;
    }
    const started = performance.now();
    await refusal(bytes);
    assert(performance.now() - started < 1000, `${seed}`);
  }
});
