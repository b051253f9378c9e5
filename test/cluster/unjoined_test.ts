import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { greets } from "../../src/engine/collective/mod.ts";
import { freeAddresses } from "./processes.ts";

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("a process that missed another one still hears that it is asked to end", async () => {
  const program = new URL("./unjoined.ts", import.meta.url).href;
  const args = ["run", "--no-check", "-A", program, ...freeAddresses(2)];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assertStringIncludes(new TextDecoder().decode(stderr), "Cannot join a cluster");
  assertEquals(new TextDecoder().decode(stdout), "true\n");
});

Deno.test({
  name: "a process that waits for another one listens at its own address alone, and hears that it is asked to end",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const addresses = freeAddresses(2);
    const program = new URL("./waiting.ts", import.meta.url).href;
    const args = ["run", "--no-check", "-A", program, ...addresses];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
    const ended = child.output();
    const patience = performance.now() + 20_000;
    while (!greets(addresses[0], 500) && performance.now() < patience) await delay(50);
    await delay(500);
    const elsewhere = addresses[0].replace("127.0.0.1", "127.0.0.2");
    assertEquals([greets(addresses[0], 1000), greets(elsewhere, 1000)], [true, false]);
    const asked = performance.now();
    child.kill("SIGTERM");
    assertEquals((await ended).signal, "SIGTERM");
    assert(performance.now() - asked < 5000);
  },
});
