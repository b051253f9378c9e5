import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { flags } from "../../src/config/flags.ts";
import { explain } from "../../src/cli/failure.ts";
import { program } from "../../src/cli/main.ts";
import { inFolder, moco, succeeds } from "./program.ts";

/** Every command; in the place of one that has commands of its own, those. */
const commands = program().commands.flatMap((command) =>
  command.commands.length === 0
    ? [{ name: command.name(), command }]
    : command.commands.map((own) => ({ name: `${command.name()} ${own.name()}`, command: own }))
);

Deno.test("moco --help names every command and gives examples", async () => {
  const help = await succeeds("--help");
  for (const command of program().commands) assertStringIncludes(help, `\n  ${command.name()} `);
  assertStringIncludes(help, "Examples:");
});

Deno.test("every command has help with a description and examples", () => {
  for (const { name, command } of commands) {
    let help = "";
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    assertStringIncludes(help, `Usage: moco ${name}`);
    assert(command.description().length > 40, `${name} is hardly described`);
    assertStringIncludes(help, `\nExamples:\n  moco ${name}`);
  }
});

Deno.test("the help of pretrain has every field of the configuration, in its section", () => {
  const help = program().commands.find((one) => one.name() === "pretrain")!.helpInformation();
  for (const { name, section, kind } of flags) {
    assertStringIncludes(help, `\n${section}:`);
    assert(
      new RegExp(`^  --(${kind === "boolean" ? "(no-)?" : ""})${name}\\b`, "m").test(help),
      `--${name} is not in the help`,
    );
  }
});

Deno.test("a default is stated where a command starts from the defaults, and not where it starts from a run", () => {
  const rateIn = (name: string) => {
    const command = program().commands.find((one) => one.name() === name)!;
    return /--learning-rate.*/.exec(command.helpInformation())![0];
  };
  for (const name of ["pretrain", "step", "augment", "config"]) assertStringIncludes(rateIn(name), "(default 0.06");
  for (const name of ["finetune", "demo", "experiment"]) assert(!rateIn(name).includes("default"), name);
});

Deno.test("choices and defaults of a command's own options are written as those of the configuration", () => {
  const help = program().commands.find((one) => one.name() === "duplicates")!.helpInformation();
  assertStringIncludes(help, "(largest | sharpest | first; default largest)");
  assertStringIncludes(help, "(default 0.6)");
});

Deno.test("an unknown command, an unknown option and an unknown preset are refused with a suggestion and status 2", async () => {
  const command = await moco("pretrian");
  assertEquals(command.code, 2);
  assertStringIncludes(command.stderr, "unknown command 'pretrian'\n(Did you mean pretrain?)");
  const option = await moco("pretrain", "--epohcs", "3");
  assertEquals(option.code, 2);
  assertStringIncludes(option.stderr, "unknown option '--epohcs'\n(Did you mean --epochs?)");
  assertStringIncludes(option.stderr, "deno task moco pretrain --help");
  const preset = await moco("pretrain", "--preset", "fashion-v3", "--out", "never-made");
  assertEquals(preset.code, 2);
  assertStringIncludes(preset.stderr, 'found "fashion-v3" (did you mean "fashion-v1"?)');
  assertEquals([command.stdout, option.stdout, preset.stdout], ["", "", ""]);
});

Deno.test("an option without its value, or a needed option that is absent, is refused with status 2", async () => {
  const value = await moco("pretrain", "--epochs");
  assertEquals(value.code, 2);
  assertStringIncludes(value.stderr, "option '--epochs <n>' argument missing");
  const needed = await moco("step");
  assertEquals(needed.code, 2);
  assertStringIncludes(needed.stderr, "Cannot go on without --batches and --out");
});

Deno.test("options that do not go together are refused with status 2, by whatever name they are given", async () => {
  const pairs: readonly (readonly [asked: readonly string[], first: string, second: string])[] = [
    [["pretrain", "--out", "r", "--resume", "--training-init", "a"], "init", "resume"],
    [["pretrain", "--out", "r", "--workers", "2", "--cluster", "hosts.json"], "workers", "cluster"],
    [["demo", "--minutes", "1", "--training-epochs", "2"], "minutes", "epochs"],
    [["finetune", "--out", "r", "--resume", "--random-weights"], "random-weights", "resume"],
    [["evaluate", "--run", "r", "--no-linear", "--linear-epochs", "9"], "no-linear", "linear-epochs"],
    [["evaluate", "--run", "r", "--linear-rate", "9", "--no-linear"], "no-linear", "linear-rate"],
    [["search", "1", "--in", "c.moco", "--run", "r", "--weights", "w"], "run", "weights"],
    [["duplicates", "--in", "c.moco", "--within", "0.5", "--threshold", "0.9"], "within", "threshold"],
    [["map", "--in", "c.moco", "--json", "--csv"], "json", "csv"],
  ];
  for (const [asked, first, second] of pairs) {
    const { code, stderr } = await moco(...asked);
    assertEquals([code, stderr], [2, `error: Cannot use --${first} with --${second}: give one of them\n`]);
  }
});

Deno.test("what a command ignores is no option of it: fine-tuning has its encoder, a list of experiments no scale", async () => {
  const init = await moco("finetune", "--run", "a", "--init", "b", "--out", "c");
  assertEquals([init.code, init.stderr.split("\n")[0]], [2, "error: unknown option '--init'"]);
  const swallowed = await moco("experiment", "--only", "K=256", "mechanisms");
  assertEquals([swallowed.code, swallowed.stdout, swallowed.stderr], [
    ...[2, "", "error: Cannot run an experiment: expected its name, before all options, found none\n"],
  ]);
});

Deno.test("a wrong option of a command within a command is told where its help is", async () => {
  const { code, stderr } = await moco("collection", "export", "a.moco", "--fromat", "csv");
  assertEquals([code, stderr.trimEnd().split("\n").at(-1)], [2, "See: deno task moco collection export --help"]);
});

Deno.test("an empty text, as of a variable that is not set, is no path of the current folder and no value", async () => {
  const empty: readonly (readonly [asked: readonly string[], what: string])[] = [
    [["embed", "", "--run", "r", "--to", "c.moco"], "<folder>"],
    [["search", "1", "", "--in", "c.moco"], "<image>"],
    [["search", "1", "--not", "2", "", "--in", "c.moco"], "--not"],
    [["collection", "export", "", "--format", "csv", "--out", "c.csv"], "<collection>"],
    [["pretrain", "--out", "r", "--path", ""], "--path"],
  ];
  for (const [asked, what] of empty) {
    const { code, stderr } = await moco(...asked);
    assertEquals([code, stderr], [2, `error: Cannot use ${what}: expected a value, found ""\n`]);
  }
});

Deno.test("a number of blanks is no number", async () => {
  const { code, stderr } = await moco("clusters", "--in", "c.moco", "--seed", " ");
  assertEquals([code, stderr], [2, 'error: Cannot use --seed: expected a whole number of at least 0, found " "\n']);
});

Deno.test("an error of JavaScript's own is a fault of the program, whatever it begins with", () => {
  const thrown = (body: () => unknown): unknown => {
    try {
      return body();
    } catch (error) {
      return error;
    }
  };
  const nothing = JSON.parse("{}");
  for (const body of [() => nothing.a.b, () => (({ a: { b } }) => b)(nothing), () => Object.keys(nothing.a)]) {
    const { message, expected } = explain(thrown(body));
    assertEquals([message.startsWith("Cannot "), expected], [true, false]);
  }
  assertEquals(explain(new RangeError("Cannot sort x:\nexpected numbers, found none")).expected, true);
});

Deno.test("file and flags: the faults of both are reported at once, by path and flag, and nothing is made", () =>
  inFolder(async (folder) => {
    const file = `${folder}/c.json`;
    await Deno.writeTextFile(file, JSON.stringify({ method: { momentum: 2 }, trainig: {} }));
    const ran = await moco("pretrain", "--config", file, "--batch", "ten", "--no-jit", "--out", `${folder}/run`);
    assertEquals(ran.code, 2);
    assertEquals(
      ran.stderr,
      `error: Cannot use the configuration: 3 faults
  method.momentum (--method-momentum): expected a number in [0, 1], found 2
  training.batch (--batch): expected a whole number of at least 2, found "ten"
  trainig: expected no such field, found a record of {} (did you mean training?)
`,
    );
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["c.json"]);
  }));

Deno.test("a configuration file that is not there or not JSON is one clear message", () =>
  inFolder(async (folder) => {
    const absent = await moco("pretrain", "--config", `${folder}/absent.json`, "--out", `${folder}/run`);
    assertEquals(absent.stderr, `error: Cannot read ${folder}/absent.json: there is no such file\n`);
    await Deno.writeTextFile(`${folder}/bad.json`, "{ training: 3 }");
    const bad = await moco("pretrain", "--config", `${folder}/bad.json`, "--out", `${folder}/run`);
    assertStringIncludes(bad.stderr, `error: Cannot read ${folder}/bad.json: expected JSON`);
    assertEquals(bad.stderr.trim().split("\n").length, 1);
    assertEquals([absent.code, bad.code], [2, 2]);
  }));

Deno.test("presets are listed, and one is printed as JSON that pretrain takes", async () => {
  const all = await succeeds("presets");
  for (const name of ["v1", "v2", "fashion-v2", "v3-vit-base", "demo"]) assertStringIncludes(all, `\n${name} `);
  assert(/^v3-vit-small +ViT-S\/16 +adamw +224 +4096 +300 /m.test(all), all);
  assertEquals(JSON.parse(await succeeds("presets", "v1")).method.temperature, 0.07);
});

Deno.test("config prints a whole configuration that pretrain takes again, and its JSON Schema", async () => {
  const printed = JSON.parse(await succeeds("config", "--preset", "fashion-v2", "--method", "simclr", "--groups", "2"));
  assertEquals(printed.method, { name: "simclr", head: "mlp", dimension: 128, temperature: 0.2, groups: 2 });
  assertEquals(printed.training.batch, 128);
  const schema = JSON.parse(await succeeds("config", "--schema"));
  assertEquals(Object.keys(schema.properties), [
    ...["$schema", "method", "encoder", "optimizer", "augment", "data", "training"],
  ]);
  const wrong = await moco("config", "--method", "simclr", "--queue", "256");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "method.queue (--queue) belongs to moco; this method is simclr");
});
