/**
 * Lightly's training by `recipe.json`, measured from the features that it writes.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dispose, knn, linearProbe, tf } from "../../mod.ts";
import { lines } from "../peers/lines.ts";
import type { Point, Request, Trained } from "./types.ts";

/**
 * Trains from scratch.
 *
 * @param python A Python that has what `bench/peers/requirements.txt` names.
 */
export async function trainLightly(python: string, request: Request): Promise<Trained> {
  await Deno.mkdir(request.out, { recursive: true });
  const script = fileURLToPath(new URL("lightly_moco.py", import.meta.url));
  const args = [script, JSON.stringify({ limit: null, ...request })];
  const child = new Deno.Command(python, { args, stdout: "piped", stderr: "inherit" }).spawn();
  const reached: Pick<Point, "epoch" | "seconds">[] = [];
  let versions = {};
  for await (const line of lines(child.stdout)) {
    const said = JSON.parse(line);
    if (said.versions === undefined) reached.push(said);
    else versions = said.versions;
    console.error(`Lightly: ${line}`);
  }
  const { code } = await child.status;
  if (code !== 0) throw new Error(`Cannot train with Lightly: ${script} failed with code ${code}`);
  const points: Point[] = [];
  for (const { epoch, seconds } of reached) {
    const [bank, queries] = [readFeatures(request.out, `${epoch}.train`), readFeatures(request.out, `${epoch}.test`)];
    const linear = await linearProbe(bank, queries);
    points.push({ epoch, seconds, knn: knn(queries, bank).top1, linear: linear.top1 });
    dispose({ bank: bank.features, queries: queries.features });
  }
  return { points, versions };
}

function readFeatures(folder: string, name: string) {
  const features = new Float32Array(Deno.readFileSync(join(folder, `${name}.features`)).buffer);
  const labels = new Int32Array(Deno.readFileSync(join(folder, `${name}.labels`)).buffer);
  return { features: tf.tensor2d(features, [labels.length, features.length / labels.length]), labels };
}
