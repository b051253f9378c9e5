import { assertEquals, assertStringIncludes } from "@std/assert";
import { freeAddresses } from "./processes.ts";

Deno.test("a process that missed another one still hears that it is asked to end", async () => {
  const program = new URL("./unjoined.ts", import.meta.url).href;
  const args = ["run", "--no-check", "-A", program, ...freeAddresses(2)];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assertStringIncludes(new TextDecoder().decode(stderr), "Cannot join a cluster");
  assertEquals(new TextDecoder().decode(stdout), "true\n");
});
