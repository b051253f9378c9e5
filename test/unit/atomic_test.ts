/** Files and folders that several programs write under the same name. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { nameOfPartial, partialPath, writeTextAtomic } from "../../src/files/atomic.ts";
import { writeFolder } from "../../src/files/folder.ts";
import { left, right } from "../support/either.ts";
import { makePipe } from "../support/special_files.ts";

/** What two threads answer, which share nothing, as programs do. Each runs `code`, where `own` is 1 in one, 2 in the other. */
async function inTwo(folder: string, code: string): Promise<readonly unknown[]> {
  const [atomic, whole] = ["atomic", "folder"].map((name) => new URL(`../../src/files/${name}.ts`, import.meta.url));
  const source = (own: number) =>
    `data:application/typescript,${
      encodeURIComponent(`
        import { writeBytesAtomic } from "${atomic}";
        import { writeFolder } from "${whole}";
        const [folder, own] = [${JSON.stringify(folder)}, ${own}];
        ${code}`)
    }`;
  const workers = [1, 2].map((own) => new Worker(source(own), { type: "module" }));
  try {
    return await Promise.all(
      workers.map((worker) => new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data))),
    );
  } finally {
    workers.forEach((worker) => worker.terminate());
  }
}

async function inTemporary(f: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a file that two programs write at the same moment is always one of the two, and neither fails", () =>
  inTemporary(async (folder) => {
    const code = `
      const failures = [];
      for (let round = 0; round < 40; round++) {
        const written = await writeBytesAtomic(folder + "/file", new Uint8Array(1_000_000).fill(own))();
        if (written._tag === "Left") failures.push(written.left);
        const found = await Deno.readFile(folder + "/file");
        if (found.length !== 1_000_000 || found.some((byte) => byte !== found[0])) failures.push("mixed");
      }
      self.postMessage(failures);`;
    assertEquals(await inTwo(folder, code), [[], []]);
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["file"]);
  }));

Deno.test("a folder that two programs write at the same moment is that of one, and the other is refused", () =>
  inTemporary(async (folder) => {
    const code = `
      const answers = [];
      for (let round = 0; round < 10; round++) {
        const files = Array.from({ length: 8 }, (_, n) => ({ path: own + "-" + n, bytes: new Uint8Array(100_000) }));
        answers.push((await writeFolder(folder + "/" + round, files)())._tag);
      }
      self.postMessage(answers);`;
    const answers = await inTwo(folder, code) as readonly (readonly string[])[];
    for (let round = 0; round < 10; round++) {
      assertEquals(answers.map((each) => each[round]).toSorted(), ["Left", "Right"]);
      const names = Array.from(Deno.readDirSync(join(folder, `${round}`)), ({ name }) => name);
      assertEquals([names.length, new Set(names.map(([own]) => own)).size], [8, 1]);
    }
    assertEquals(Array.from(Deno.readDirSync(folder)).length, 10);
  }));

Deno.test("the temporary folder of a killed program goes after an hour, and that of another one stays", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "model");
    const [old, young] = ["0123abcd", "4567abcd"].map((own) => join(folder, `.model.${own}.partial`));
    for (const name of [old, young]) await Deno.mkdir(name);
    await Deno.utime(old, 0, 0);
    right(await writeFolder(path, [{ path: "in/a", bytes: Uint8Array.of(7) }])());
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted(), [
      ".model.4567abcd.partial",
      "model",
    ]);
    assertEquals(await Deno.readFile(join(path, "in/a")), Uint8Array.of(7));
    assertEquals(left(await writeFolder(path, [])()).reason, "expected no such folder, found one");
  }));

Deno.test("a program that writes one folder twice at once has it whole, and one of the two is refused", () =>
  inTemporary(async (folder) => {
    const path = join(folder, "model");
    const files = (value: number) => ["a", "in/b"].map((path) => ({ path, bytes: Uint8Array.of(value) }));
    const written = await Promise.all([1, 2].map((value) => writeFolder(path, files(value))()));
    assertEquals(written.map(({ _tag }) => _tag).toSorted(), ["Left", "Right"]);
    const [a, b] = await Promise.all(["a", "in/b"].map((name) => Deno.readFile(join(path, name))));
    assertEquals([a, Array.from(Deno.readDirSync(folder), ({ name }) => name)], [b, ["model"]]);
  }));

Deno.test("a temporary file says which file it was to become, also one of version 0.1", () => {
  assert(partialPath("/a/b.png").startsWith("/a/.b.png."));
  assertEquals(nameOfPartial(partialPath("b.png")), "b.png");
  assertEquals(nameOfPartial(".b.png.partial"), "b.png");
  for (const name of ["b.png.partial", ".b.png", ".partial"]) assertEquals(nameOfPartial(name), undefined, name);
});

Deno.test({
  name: "a pipe and a device stay what they are, and of a link the file that it leads to is written",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporary(async (folder) => {
      const [pipe, link, target] = ["pipe", "link", "target"].map((name) => join(folder, name));
      makePipe(pipe);
      for (const path of [pipe, "/dev/null"]) {
        const { reason } = left(await writeTextAtomic(path, "text")());
        assertEquals(reason, "expected a file, found a device or a pipe");
        assertEquals((await Deno.lstat(path)).isFile, false);
      }
      await Deno.writeTextFile(target, "before");
      await Deno.symlink(target, link);
      right(await writeTextAtomic(link, "after")());
      assertEquals([(await Deno.lstat(link)).isSymlink, await Deno.readTextFile(target)], [true, "after"]);
      await Deno.symlink("not-there-yet", join(folder, "dangling"));
      right(await writeTextAtomic(join(folder, "dangling"), "new")());
      assertEquals(await Deno.readTextFile(join(folder, "not-there-yet")), "new");
      await Deno.symlink(folder, join(folder, "to-folder"));
      left(await writeTextAtomic(join(folder, "to-folder"), "text")());
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(), [
        ...["dangling", "link", "not-there-yet", "pipe", "target", "to-folder"],
      ]);
      assertEquals((await Deno.lstat(join(folder, "to-folder"))).isSymlink, true);
    }),
});
