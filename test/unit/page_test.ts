import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const serve = new URL("../../src/serve/", import.meta.url);

Deno.test("the committed script of the page is what its sources make", async () => {
  const folder = await Deno.makeTempDir();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", "--output", `${folder}/page.js`, "main.tsx"],
    cwd: fileURLToPath(new URL("page/", serve)),
    stdout: "null",
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  const made = await Deno.readTextFile(`${folder}/page.js`);
  await Deno.remove(folder, { recursive: true });
  const stale = "run `deno task page` and commit what it writes";
  assertEquals(made === await Deno.readTextFile(new URL("static/page.js", serve)), true, stale);
});
