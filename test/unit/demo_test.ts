import { assertEquals } from "@std/assert";
import { demo, type Demonstrated, type DemoRequest } from "../../src/run/demo.ts";
import { right } from "../support/either.ts";
import { writeTwoClasses } from "../support/two_classes.ts";

const small = {
  encoder: { name: "resnet18", width: 0.0625 },
  method: { queue: 8, groups: 1, dimension: 8 },
  augment: { size: 8 },
  training: { batch: 8, epochs: 4, jit: false },
} as const;

async function inFolder(body: (folder: string, run: (request: DemoRequest) => Promise<Demonstrated>) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const data = { name: "idx", path: await writeTwoClasses(folder) } as const; // and no test images
    await body(
      folder,
      async (request) => right(await demo(request.resume ? request : { ...small, data, ...request })()),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a demo that was stopped goes on with the images that it left for its tests, to the same end", () =>
  inFolder(async (folder, run) => {
    let asked = 0;
    const interrupt = () => ({ requested: () => ++asked > 6, close: () => {} });
    const stopped = await run({ out: `${folder}/stopped`, interrupt });
    assertEquals(stopped._tag === "Interrupted" && stopped.step < 16, true);
    const [resumed, whole] = [
      await run({ out: `${folder}/stopped`, resume: true }),
      await run({ out: `${folder}/whole` }),
    ];
    assertEquals(resumed._tag === "Finished" && resumed.results, whole._tag === "Finished" && whole.results);
    const last = (name: string) => Deno.readFile(`${folder}/${name}/checkpoints/step-00000016.safetensors`);
    assertEquals(await last("stopped"), await last("whole"));
  }));

Deno.test("where the minutes are fewer than the warm-up takes, the warm-up is shorter too", () =>
  inFolder(async (folder, run) => {
    await run({ out: `${folder}/short`, optimizer: { warmupEpochs: 1 }, minutes: 1e-5 });
    const { training, optimizer } = JSON.parse(await Deno.readTextFile(`${folder}/short/config.json`));
    assertEquals([training.epochs, optimizer.warmupEpochs], [1, 0.25]);
  }));
