import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { cacheFolder } from "../../src/engine/install/cache.ts";
import { EngineError } from "../../src/engine/install/errors.ts";
import { runLimited } from "../../src/engine/install/limited.ts";
import { loadMarked } from "../../src/engine/install/loading.ts";
import { buildFor } from "../../src/engine/install/platform.ts";
import { requirement } from "../../src/engine/install/wheels.ts";

type Found = { readonly framework: string; readonly library: string; readonly source: string };
type Outcome = { readonly found?: Found; readonly kind?: string; readonly sentence?: string; readonly stderr: string };

/** A cache folder, and a PATH on which `python3` is a fake that behaves as told. */
class Machine implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "moco-install-" });
  readonly cache = `${this.folder}/cache`;
  readonly log = `${this.folder}/log`;
  readonly installed = `${this.cache}/engine/tensorflow-2.21.0-cpu`;

  constructor() {
    Deno.mkdirSync(`${this.folder}/bin`);
    Deno.mkdirSync(`${this.folder}/none`);
    Deno.copyFileSync(new URL("../support/fake_python.sh", import.meta.url), `${this.folder}/bin/python3`);
    Deno.chmodSync(`${this.folder}/bin/python3`, 0o755);
  }

  start(fake: string, variables: Readonly<Record<string, string>> = {}, way = "find"): Deno.ChildProcess {
    const script = new URL("../support/find_library.ts", import.meta.url).pathname;
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-check", "-A", script, way],
      cwd: this.folder,
      env: {
        PATH: `${this.folder}/${fake === "no-python" ? "none" : "bin"}`,
        MOCO_TENSORFLOW: "",
        MOCO_CACHE: this.cache,
        CUDA_VISIBLE_DEVICES: "", // the build without CUDA, also where there is a GPU
        FAKE: fake,
        FAKE_LOG: this.log,
        ...variables,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async find(fake: string, variables: Readonly<Record<string, string>> = {}, way = "find"): Promise<Outcome> {
    return await outcome(this.start(fake, variables, way));
  }

  /** Writes a file of the installation anew. What changed it unnoticed left the time of its last change alone. */
  change(path: string, content: string, { noticed }: { readonly noticed: boolean }): void {
    const file = `${this.installed}/${path}`;
    const { mtime } = Deno.statSync(file);
    Deno.writeTextFileSync(file, content);
    Deno.utimeSync(file, mtime!, noticed ? new Date(mtime!.getTime() - 60_000) : mtime!);
  }

  /** What pip was asked for, one line a call. */
  downloads(): readonly string[] {
    return Deno.readTextFileSync(this.log).trim().split("\n");
  }

  /** Folders of unfinished installations. */
  leftovers(): readonly string[] {
    return [...Deno.readDirSync(`${this.cache}/engine`)].map(({ name }) => name).filter((name) => name.startsWith("."));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

async function outcome(child: Deno.ChildProcess): Promise<Outcome> {
  const { stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  const errors = new TextDecoder().decode(stderr);
  assertMatch(text, /^\{.*\}\n$/, errors); // one line of results, whatever pip printed
  return { ...JSON.parse(text), stderr: errors };
}

const only = { ignore: Deno.build.os !== "linux" };

Deno.test("MOCO_TENSORFLOW decides where the library is", only, async () => {
  using machine = new Machine();
  const { found: installed } = await machine.find("whole");
  const folder = `${machine.installed}/tensorflow`;
  assertEquals(installed?.source, "cache");
  const { found } = await machine.find("no-python", { MOCO_TENSORFLOW: folder, MOCO_CACHE: `${machine.folder}/other` });
  assertEquals(found, {
    framework: `${folder}/libtensorflow_framework.so.2`,
    library: `${folder}/libtensorflow_cc.so.2`,
    source: "MOCO_TENSORFLOW",
  });
});

Deno.test("a wrong MOCO_TENSORFLOW is named with what was found there", only, async () => {
  using machine = new Machine();
  const nowhere = await machine.find("whole", { MOCO_TENSORFLOW: "/nowhere" });
  assertEquals(nowhere.kind, "library");
  assertStringIncludes(nowhere.sentence!, "MOCO_TENSORFLOW=/nowhere");
  assertStringIncludes(nowhere.sentence!, "found no such folder");
  Deno.mkdirSync(`${machine.folder}/half`);
  Deno.writeTextFileSync(`${machine.folder}/half/libtensorflow_framework.so.2`, "");
  const half = await machine.find("whole", { MOCO_TENSORFLOW: `${machine.folder}/half` });
  assertStringIncludes(half.sentence!, "found libtensorflow_framework.so.2");
  const python = await machine.find("whole", { MOCO_TENSORFLOW: `${machine.folder}/bin` });
  assertStringIncludes(python.sentence!, "found 1 files and none of them");
});

Deno.test("the first use installs, the next one finds what is installed", only, async () => {
  using machine = new Machine();
  const first = await machine.find("whole");
  assertEquals(first.found?.library, `${machine.installed}/tensorflow/libtensorflow_cc.so.2`);
  assertStringIncludes(first.stderr, "Installing TensorFlow 2.21.0 (cpu)");
  assertMatch(machine.downloads()[0], / tensorflow-cpu==2\.21\.0 /);
  assertEquals(machine.leftovers(), []);
  const second = await machine.find("no-python");
  assertEquals(second.found, first.found);
  assertEquals(second.stderr, "");
});

Deno.test("what stands in the way is said in a sentence, and nothing is left behind", only, async (t) => {
  const cases: readonly [fake: string, problem: RegExp, wayOut: RegExp][] = [
    ["no-python", /found no Python/, /install Python 3 with pip/],
    ["no-pip", /python3 has no pip/, /install it/],
    ["offline", /cannot reach the package index/, /PIP_INDEX_URL/],
    ["missing", /package index has no tensorflow-cpu==2\.21\.0/, /MOCO_TENSORFLOW/],
    ["full", /no space is left/, /MOCO_CACHE/],
    ["odd", /\(HTTP error 418 while getting a teapot\)/, /MOCO_TENSORFLOW/],
    ["broken", /Cannot unpack tensorflow_cpu-2\.21\.0\.whl: Bad CRC-32/, /again/],
    ["empty", /holds no tensorflow\/libtensorflow_framework\.so\.2/, /MOCO_TENSORFLOW/],
  ];
  for (const [fake, problem, wayOut] of cases) {
    await t.step(fake, async () => {
      using machine = new Machine();
      const { found, sentence } = await machine.find(fake);
      assertEquals(found, undefined);
      assertMatch(sentence!, /^Cannot .+$/);
      assertMatch(sentence!, problem);
      assertMatch(sentence!, wayOut);
      assertEquals(machine.leftovers(), []);
      assertEquals((await machine.find("whole")).found?.source, "cache", "once it is out of the way, it installs");
    });
  }
  await t.step("a cache folder that cannot be written", async () => {
    using machine = new Machine();
    Deno.writeTextFileSync(machine.cache, "a file");
    const { sentence } = await machine.find("whole");
    assertStringIncludes(sentence!, `${machine.cache}/engine cannot be written`);
    assertStringIncludes(sentence!, "set MOCO_CACHE");
  });
});

Deno.test("a Python that the wheels are not for fetches another one's", only, async () => {
  using machine = new Machine();
  assert((await machine.find("ancient")).found);
  assertMatch(machine.downloads()[0], /--python-version 3\.12 --abi cp312 --platform \S+/);
});

Deno.test("where the index has no wheel for a Python, another one's is fetched", only, async () => {
  using machine = new Machine();
  assert((await machine.find("foreign")).found);
  const [plain, foreign] = machine.downloads();
  assert(!plain.includes("--python-version"));
  assertStringIncludes(foreign, "--python-version 3.12");
});

Deno.test("an interrupted installation is not taken for whole, and the next one starts afresh", only, async () => {
  using machine = new Machine();
  const child = machine.start("stuck");
  const [staged] = await waitFor(child, () => {
    const staged = exists(`${machine.cache}/engine`) ? machine.leftovers() : [];
    const file = `${machine.cache}/engine/${staged[0]}/engine/tensorflow/libtensorflow_framework.so.2`;
    return staged.length > 0 && exists(file) ? staged : undefined;
  });
  child.kill("SIGKILL");
  await child.output();
  assertEquals(machine.leftovers(), [staged]);
  assert(!exists(machine.installed));
  const { found } = await machine.find("whole");
  assertEquals(found?.source, "cache");
  assertEquals(machine.leftovers(), []);
});

Deno.test("a damaged installation is replaced", only, async () => {
  using machine = new Machine();
  await machine.find("whole");
  const library = `${machine.installed}/tensorflow/libtensorflow_cc.so.2`;
  Deno.truncateSync(library, 3);
  assert((await machine.find("whole")).found);
  assertEquals(Deno.readTextFileSync(library), "library\n");
  assertEquals(machine.leftovers(), []);
});

Deno.test("of processes that start at once, one installs and the others wait for it", only, async () => {
  using machine = new Machine();
  const outcomes = await Promise.all([1, 2, 3].map(() => machine.find("slow")));
  for (const { found } of outcomes) assertEquals(found?.library, outcomes[0].found!.library);
  assertEquals(machine.downloads().length, 1);
});

Deno.test("each machine gets the build for it, or is told why there is none", () => {
  const build = (os: string, arch: string, nvidia = false) => {
    const { variant, packages, library } = buildFor({ os, arch, nvidia });
    return [variant, packages[0].name, library];
  };
  assertEquals(build("linux", "x86_64"), ["cpu", "tensorflow-cpu", "libtensorflow_cc.so.2"]);
  assertEquals(build("linux", "x86_64", true), ["cuda", "tensorflow", "libtensorflow_cc.so.2"]);
  assertEquals(build("linux", "aarch64", true), ["cpu", "tensorflow", "libtensorflow_cc.so.2"]);
  assertEquals(build("darwin", "aarch64"), ["cpu", "tensorflow", "libtensorflow_cc.2.dylib"]);
  assertThrows(() => build("windows", "x86_64"), EngineError, "use WSL 2");
  assertThrows(() => build("darwin", "x86_64"), EngineError, "Intel Mac");
  assertThrows(() => build("freebsd", "x86_64"), EngineError, "freebsd x86_64");
});

Deno.test("every package that is installed is pinned by release and digests", () => {
  const machines = [["linux", "x86_64"], ["linux", "x86_64", true], ["linux", "aarch64"], [
    "darwin",
    "aarch64",
  ]] as const;
  const builds = machines.map(([os, arch, nvidia = false]) => buildFor({ os, arch, nvidia }));
  assertEquals(builds.map(({ packages }) => packages.length), [1, 13, 1, 1]);
  const line = /^[a-z0-9-]+==[0-9.]+( --hash=sha256:[0-9a-f]{64})+$/;
  for (const wanted of builds.flatMap(({ packages }) => packages)) assertMatch(requirement(wanted), line);
});

Deno.test("pip is asked for pinned wheels alone", only, async () => {
  using machine = new Machine();
  await machine.find("whole");
  assertStringIncludes(machine.downloads()[0], "--require-hashes");
  assertEquals(machine.downloads()[0].match(/--hash=sha256:/g)?.length, 4);
});

Deno.test("a forged wheel of the right name is refused, and no Python of the working folder runs", only, async () => {
  using machine = new Machine();
  Deno.writeTextFileSync(`${machine.folder}/pip.py`, `open("ran", "w")`);
  const { name } = buildFor({ os: "linux", arch: Deno.build.arch, nvidia: false }).packages[0];
  const forge = `
import sys, zipfile
folder, name, machine = sys.argv[1:]
for python in ["cp310", "cp311", "cp312", "cp313"]:
    with zipfile.ZipFile(f"{folder}/{name}-2.21.0-{python}-{python}-manylinux_2_27_{machine}.whl", "w") as wheel:
        info = f"{name}-2.21.0.dist-info"
        wheel.writestr("tensorflow/libtensorflow_framework.so.2", "forged")
        wheel.writestr("tensorflow/libtensorflow_cc.so.2", "forged")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 2.21.0\\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: {python}-{python}-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
`;
  const args = ["-I", "-c", forge, machine.folder, name.replaceAll("-", "_"), Deno.build.arch];
  assert(new Deno.Command("python3", { args }).outputSync().success);
  const { found, sentence, stderr } = await machine.find("", {
    PATH: Deno.env.get("PATH")!,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_FIND_LINKS: machine.folder,
    PIP_NO_INDEX: "1",
  });
  assertEquals(found, undefined, stderr);
  assertStringIncludes(sentence!, `another file than the one that is pinned for ${name}==2.21.0`);
  assert(!exists(machine.installed));
  assert(!exists(`${machine.folder}/ran`));
});

Deno.test("a Python that does not answer is given up", only, async () => {
  using machine = new Machine();
  const started = performance.now();
  const { sentence } = await machine.find("hanging", {}, "python");
  assertStringIncludes(sentence!, "python3 did not end within 0.5 s and was given up");
  assert(performance.now() - started < 30_000);
});

Deno.test("a library that was changed is found out by its digest, and installed again", only, async () => {
  using machine = new Machine();
  await machine.find("whole");
  machine.change("tensorflow/libtensorflow_cc.so.2", "LIBRARY\n", { noticed: true });
  const verified = await machine.find("no-python", {}, "verify");
  assertStringIncludes(verified.sentence!, "Cannot verify the engine: tensorflow/libtensorflow_cc.so.2");
  assertStringIncludes(verified.sentence!, "engine --repair");
  const { found, stderr } = await machine.find("whole");
  assertStringIncludes(stderr, "The engine is damaged: tensorflow/libtensorflow_cc.so.2 in ");
  assertEquals(Deno.readTextFileSync(found!.library), "library\n");
  assertEquals((await machine.find("no-python", {}, "verify")).sentence, undefined);
});

Deno.test("a library that was only touched is read once, and stays", only, async () => {
  using machine = new Machine();
  await machine.find("whole");
  const manifest = () => Deno.readTextFileSync(`${machine.installed}/manifest.json`);
  const before = manifest();
  machine.change("tensorflow/libtensorflow_cc.so.2", "library\n", { noticed: true });
  assertEquals((await machine.find("no-python")).stderr, "");
  const after = manifest();
  assert(after !== before);
  assertEquals((await machine.find("no-python")).stderr, "");
  assertEquals(manifest(), after);
});

Deno.test("after a start that died while it loaded, the next one checks the library and repairs it", only, async () => {
  using machine = new Machine();
  await machine.find("whole");
  machine.change("tensorflow/libtensorflow_cc.so.2", "LIBRARY\n", { noticed: false });
  assertEquals((await machine.find("no-python")).stderr, "", "a change that the system did not see costs no start");
  assertEquals((await machine.start("no-python", {}, "die").output()).code, 127);
  const { found, stderr } = await machine.find("whole", {}, "load");
  assertStringIncludes(stderr, "An earlier start ended while TensorFlow was loading");
  assertStringIncludes(stderr, "The engine is damaged: tensorflow/libtensorflow_cc.so.2 in ");
  assertEquals(Deno.readTextFileSync(found!.library), "library\n");
  assertEquals((await machine.find("no-python", {}, "load")).stderr, "", "once it has loaded, nothing is suspected");
});

Deno.test("a library loads where no mark can be left, and while another process loads it", () => {
  const folder = Deno.makeTempDirSync({ prefix: "moco-mark-" });
  try {
    const unsuspected = () => {
      throw new Error("suspected");
    };
    assertEquals(loadMarked(`${folder}/nowhere/mark`, unsuspected, () => 7), 7);
    assertEquals(
      loadMarked(`${folder}/mark`, unsuspected, () => loadMarked(`${folder}/mark`, unsuspected, () => 7)),
      7,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("the cache folder follows MOCO_CACHE, then the system's custom", () => {
  const folder = (variables: Readonly<Record<string, string>>, os: typeof Deno.build.os = "linux") =>
    cacheFolder((name) => variables[name], os);
  const home = { HOME: "/home/ada" };
  assertEquals(folder({ ...home, XDG_CACHE_HOME: "/xdg", MOCO_CACHE: "/mine" }), "/mine");
  assertEquals(folder({ ...home, XDG_CACHE_HOME: "/xdg" }), "/xdg/momentum-contrast");
  assertEquals(folder({ ...home, MOCO_CACHE: "", XDG_CACHE_HOME: "" }), "/home/ada/.cache/momentum-contrast");
  assertEquals(folder({ LOCALAPPDATA: "C:\\Local" }, "windows"), "C:\\Local\\momentum-contrast");
  assertThrows(() => folder({}), EngineError, "set MOCO_CACHE");
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What is seen, however long it takes, as long as the program that shows it has not ended. */
async function waitFor<T>(program: Deno.ChildProcess, look: () => T | undefined): Promise<T> {
  let over = false;
  program.status.then(() => over = true);
  for (;;) {
    const last = over;
    const seen = look();
    if (seen !== undefined) return seen;
    if (last) throw new Error("waited in vain: the program has ended");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("a worker whose module is not there is given up, and a program runs under one that is", async () => {
  const limits = { limit: 10_000, stdout: "piped", stderr: "null" } as const;
  const missing = new URL("./no_such_worker.ts", import.meta.url);
  const ended = runLimited("deno", ["--version"], limits, missing, 1000);
  const message = `expected the worker ${missing} to begin within 1 s, and it did not`;
  assertEquals(ended, { _tag: "NotStarted", reason: "other", message });
  const run = runLimited("deno", ["--version"], limits);
  assert(run._tag === "Ended" && run.success && run.stdout.startsWith("deno "), JSON.stringify(run));
  await new Promise((resolve) => setTimeout(resolve, 100)); // in which the missing module would end this program
});
