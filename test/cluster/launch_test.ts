import { assert, assertEquals, assertMatch } from "@std/assert";
import { stepFile } from "../../src/checkpoint/folder.ts";
import { partialPath } from "../../src/files/atomic.ts";
import { launch } from "../../src/run/cluster/launch.ts";
import { runPaths } from "../../src/train/run_folder.ts";

/** The second worker misses the first one, which saves for longer than workers have to end otherwise. */
const worker = `
import json, os, sys, time
partial, whole = sys.argv[1:]
if json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 1:
  while not os.path.exists(partial): time.sleep(0.02)
  sys.exit(75)
open(partial, "w").close()
time.sleep(3)
os.rename(partial, whole)
time.sleep(60)
`;

Deno.test("a worker that saves is ended after it has saved, not before", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { checkpoints } = runPaths(folder);
    await Deno.mkdir(checkpoints);
    const whole = stepFile(checkpoints, 3);
    const command = () => ["python3", "-c", worker, partialPath(whole), whole] as const;
    const began = performance.now();
    await launch({ command, workers: 2, restarts: 0, folder, grace: 500, note: () => {} });
    assert((await Deno.stat(whole)).isFile);
    assert(performance.now() - began < 30_000); // it would go on for a minute
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The second worker fails and says why; the first one misses it. */
const failing = `
import json, os, sys, time
task = json.loads(os.environ["TF_CONFIG"])
if task["task"]["index"] == 1:
  print("again", file=open(sys.argv[1], "a"))
  sys.exit(1)
time.sleep(1)
sys.exit(75)
`;

Deno.test("a worker that fails by itself ends the run, because it would fail again", async () => {
  const starts = await Deno.makeTempFile();
  const command = () => ["python3", "-c", failing, starts] as const;
  assertEquals(await launch({ command, workers: 2, restarts: 2, note: () => {} }), 1);
  assertEquals(await Deno.readTextFile(starts), "again\n");
  await Deno.remove(starts);
});

/** The first worker takes connections and says nothing, as a frozen one does; the second one crashes. */
const crashing = `
import json, os, signal, socket, time
task = json.loads(os.environ["TF_CONFIG"])
if task["task"]["index"] == 1:
  time.sleep(1)
  os.kill(os.getpid(), signal.SIGSEGV)
host, port = task["cluster"]["worker"][0].split(":")
server = socket.create_server((host, int(port)))
time.sleep(5)
`;

Deno.test("where a worker crashes, one that does not answer is named", async () => {
  const notes: string[] = [];
  const command = () => ["python3", "-c", crashing] as const;
  await launch({ command, workers: 2, restarts: 0, note: (text) => notes.push(text) });
  assertMatch(notes.join(), /^Worker 1 at \S+ has ended: SIGSEGV\.,Worker 0 at \S+ does not answer\.$/);
});
