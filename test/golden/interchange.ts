/**
 * Imports what `interchange.py` made, and compares our features with PyTorch's:
 *
 *     deno run -A test/golden/interchange.ts FOLDER
 *
 * @module
 */
import { renderRunError } from "../../src/run/errors.ts";
import { readForeign } from "../../src/run/import_weights.ts";
import { farthest, featuresOf, readForeignFeatures } from "../support/foreign_features.ts";

const [folder] = Deno.args;
const foreign = await readForeignFeatures(folder);
let isClose = true;
for (const file of foreign.files) {
  const imported = await readForeign(`${folder}/${file}`, { training: { batch: 16 } })();
  if (imported._tag === "Left") {
    console.log(`${file}: ${renderRunError(imported.left)}`);
    isClose = false;
    continue;
  }
  const distance = farthest(featuresOf(imported.right, foreign.images(file)), foreign.features(file));
  const { layout, taken, fresh, leftOver } = imported.right;
  const left = leftOver.length === 0 ? "" : `, left over ${leftOver}`;
  console.log(`${file}: ${layout}, ${distance.toExponential(1)}, ${JSON.stringify(taken)}, fresh ${fresh}${left}`);
  isClose &&= distance < 1e-4;
}
Deno.exit(isClose ? 0 : 1);
