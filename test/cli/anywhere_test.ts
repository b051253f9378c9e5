/**
 * The library and the command line outside of this repository: imported by path and by URL, installed as one command,
 * and started by `deno task` from other folders. Every test starts real processes of Deno in temporary folders.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { printed, repository, runIn, served, withCache } from "../support/elsewhere.ts";
import { png, withFiles } from "../support/image_files.ts";
import about from "../../deno.json" with { type: "json" };
import { taskArguments } from "./program.ts";

const deno = Deno.execPath();

/** The permissions of the task `moco`. */
const permissions = taskArguments.filter((argument) => argument.startsWith("-"));

/** Eight images of 8 x 8 pixels, some brighter than others. */
const photos = Object.fromEntries(
  Array.from({ length: 8 }, (_, i) => [
    `photos/${i}.png`,
    png(Array.from({ length: 8 * 8 * 3 }, (_, place) => (i * 30 + place) % 256), 8, 8),
  ]),
);

/** A training of two steps. */
const tiny = JSON.stringify({
  method: { queue: 8, groups: 1, dimension: 8 },
  encoder: { width: 0.0625 },
  augment: { size: 8 },
  training: { epochs: 1, batch: 4, logEvery: 1 },
});

/** A user's program: loads images, draws a picture, and takes a compiled step of MoCo. */
const program = (at: string) => `
import { batches, createMoco, inMemory, jit, key, loadDataset, mlpHead, resnet18, sgd, toFloat } from "${at}/mod.ts";
import { toPng } from "${at}/src/report/picture.ts";

const loaded = await loadDataset({ name: "folder", path: Deno.args[0] }, { size: 8, notify: () => {} })();
if (loaded._tag === "Left") throw new Error(loaded.left._tag);
const [{ images }] = batches({ dataset: inMemory(loaded.right.train), batch: 4, seed: 0 }).epoch(0);
const moco = createMoco({
  backbone: resnet18({ width: 0.0625, stem: "small" }),
  head: mlpHead(8),
  input: [8, 8, 3],
  optimizer: sgd({ learningRate: 0.03 }),
  queueSize: 8,
  momentum: 0.99,
  temperature: 0.2,
});
const views = toFloat(images);
const { state, metrics } = jit(moco.step)(moco.init(key(0)), { query: views, key: views });
const picture = await toPng('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>');
const loss: number = metrics.loss.dataSync()[0];
console.log(JSON.stringify({ step: state.step.dataSync()[0], finite: Number.isFinite(loss), png: picture[1] }));
`;

/** What else a user's folder may hold: nothing, an empty configuration, or one with names and rules of its own. */
const folders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "no deno.json": {},
  "an empty deno.json": { "deno.json": "{}" },
  "a foreign import map": {
    "deno.json": JSON.stringify({
      imports: {
        "fp-ts": "./theirs.ts",
        "fp-ts/": "./theirs/",
        "@tensorflow/tfjs": "./theirs.ts",
        "@tensorflow/tfjs-core": "./theirs.ts",
        "commander": "./theirs.ts",
        "vega": "./theirs.ts",
      },
    }),
    "theirs.ts": 'throw new Error("This is not what the library asked for");',
  },
};

for (const [name, files] of Object.entries(folders)) {
  Deno.test(`mod.ts is type-checked and works by path and by URL from a folder with ${name}`, () =>
    withCache((cache) =>
      served((address) =>
        withFiles(
          { ...files, ...photos, "path.ts": program(repository), "url.ts": program(address) },
          async (folder) => {
            const place = { folder, env: { DENO_DIR: cache } };
            const imports = `--allow-import=${new URL(address).host}`;
            await printed(place, deno, "check", imports, "path.ts", "url.ts");
            const said = await Promise.all(
              ["path.ts", "url.ts"].map((file) => printed(place, deno, "run", imports, ...permissions, file, "photos")),
            );
            assertEquals(said, Array(2).fill('{"step":1,"finite":true,"png":80}\n'));
          },
        )
      )
    ));
}

/** Runs `f` with a folder to install into, and the path of the `moco` that will be there: a script for `sh`. */
async function withRoot(f: (env: Readonly<Record<string, string>>, moco: string) => Promise<void>): Promise<void> {
  await withCache(async (cache) => {
    const root = await Deno.makeTempDir();
    try {
      await f({ DENO_DIR: cache, DENO_INSTALL_ROOT: root }, join(root, "bin", "moco"));
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

/** A training of two steps on the photos, every path of it relative. */
const training = ["pretrain", "--config", "tiny.json", "--data", "folder", "--path", "photos", "--out", "my runs/tiny"];

Deno.test("deno task install installs moco, whose paths count from its own folder", () =>
  withRoot((env, moco) =>
    withFiles({ ...photos, "tiny.json": tiny }, async (folder) => {
      await printed({ folder: repository, env }, deno, "task", "install");
      assertEquals(await printed({ folder }, "sh", moco, "--version"), `${about.version}\n`);
      // npm sets INIT_CWD for its scripts, to a folder that is not the command's.
      const said = await printed({ folder, env: { INIT_CWD: repository } }, "sh", moco, ...training);
      assertStringIncludes(
        said,
        ` with:\n  moco embed --run '${await Deno.realPath(join(folder, "my runs/tiny"))}' --to tiny.moco\n`,
      );
      await Deno.stat(join(folder, "my runs/tiny/config.json"));
    })
  ));

Deno.test("moco installs from a URL", () =>
  withRoot((env, moco) =>
    served((address) =>
      withFiles(photos, async (folder) => {
        const place = { folder, env };
        const given = [`--allow-import=${new URL(address).host}`, ...permissions];
        await printed(place, deno, "install", "--global", "--name", "moco", ...given, `${address}/src/cli/main.ts`);
        assertEquals(await printed(place, "sh", moco, "--version"), `${about.version}\n`);
        await printed(place, "sh", moco, "augment", "--data", "folder", "--path", "photos", "--out", "sheet.png");
        await Deno.stat(join(folder, "sheet.png"));
      })
    )
  ));

Deno.test("deno task moco, started from another folder, counts paths from there", () =>
  withFiles({ ...photos, "tiny.json": tiny }, async (folder) => {
    const said = await printed(
      { folder },
      deno,
      "task",
      "--config",
      join(repository, "deno.json"),
      "moco",
      ...training,
    );
    const command = `deno task --config ${join(repository, "deno.json")} moco embed`;
    assertStringIncludes(
      said,
      ` with:\n  ${command} --run '${await Deno.realPath(join(folder, "my runs/tiny"))}' --to tiny.moco\n`,
    );
    await Deno.stat(join(folder, "my runs/tiny/config.json"));
  }));

Deno.test("deno task moco, started from a subfolder of the repository, counts paths from there", async () => {
  const folder = join(repository, "test/golden");
  const said = await printed({ folder }, deno, "task", "moco", "inspect", "v1_initial.safetensors", "--json");
  assertStringIncludes(said, "v1_initial.safetensors");
});

Deno.test("a task of a user's own that runs deno task moco counts paths from where the user is", () => {
  const command = `deno task --config ${join(repository, "deno.json")} moco inspect view.safetensors --json`;
  const files = { "deno.json": JSON.stringify({ tasks: { look: command } }), "sub/.keep": "" };
  return withFiles(files, async (folder) => {
    await Deno.copyFile(join(repository, "test/golden/views.safetensors"), join(folder, "sub/view.safetensors"));
    assertStringIncludes(await printed({ folder: join(folder, "sub") }, deno, "task", "look"), "view.safetensors");
  });
});

Deno.test("every task that starts the command line hands on the shell's folder", () => {
  const starting = Object.entries<string>(about.tasks).filter(([, command]) =>
    /deno run .*src\/cli\/main.ts/.test(command)
  );
  assertEquals(starting.map(([name]) => name).sort(), ["demo", "moco"]);
  for (const [, command] of starting) assertMatch(command, /^MOCO_TASK_FOLDER="\$INIT_CWD" deno run /);
});

Deno.test("what is installed has the permissions of the task, and no others", () => {
  const command = ["deno install --quiet --global --name moco", ...permissions, "src/cli/main.ts"];
  assertEquals(about.tasks.install, command.join(" "));
});

Deno.test("a task that a test starts is not told the folder that the tests were started from", () => {
  const test = `Deno.test("INIT_CWD", () => { if (Deno.env.has("INIT_CWD")) throw new Error("INIT_CWD is set"); });`;
  return withFiles({ "environment_test.ts": test }, async (folder) => {
    const place = { folder: repository, env: { INIT_CWD: folder } };
    const { stdout } = await runIn(place, deno, "run", "-A", "test/run.ts", join(folder, "environment_test.ts"));
    assertMatch(stdout, /\n1 passed, 0 failed\n$/);
  });
});

Deno.test("deno publish --dry-run warns of optional packages alone, and takes neither tests nor benches nor docs", async () => {
  const { code, stdout, stderr } = await runIn(
    { folder: repository },
    ...[deno, "publish", "--dry-run", "--allow-dirty", "--no-check"] as const,
  );
  const said = stdout + stderr;
  assertEquals(code, 0, said);
  // Packages that are fetched when they are needed are imported by names that publishing cannot read.
  const warnings = [...said.matchAll(/\bwarning\[?(\S*?)\]?:[^]*?\/src\/(\S+?)(?=:\d|\s)/gi)].map(([, kind, path]) =>
    `${kind} ${path}`
  );
  const optional = ["magick", "usearch"].map((name) => `unanalyzable-dynamic-import dependencies/${name}.ts`);
  assertEquals(warnings, optional, said);
  assertEquals(said.match(/\bwarning\b/gi)?.length, optional.length, said);
  const folders = [...said.matchAll(/file:\/\/(\S+)/g)].map(([, path]) => path.slice(repository.length).split("/")[0]);
  const files = new Set(folders);
  for (const wanted of ["mod.ts", "src", "deno.json", "LICENSE", "README.md"]) {
    assertEquals(files.has(wanted), true, wanted);
  }
  for (const other of [".ci", ".github", "bench", "docs", "test"]) assertEquals(files.has(other), false, other);
});

Deno.test("deno.lock names no package that only a test needs and everyone would download", async () => {
  const lock = await Deno.readTextFile(join(repository, "deno.lock"));
  for (const large of ["onnxruntime", "@huggingface"]) assertEquals(lock.includes(large), false, large);
});
