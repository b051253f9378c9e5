import { cells } from "../../nn/pool.ts";
import { type ResNetEncoder, resnetSizes } from "../formats/shapes.ts";
import { batchNormOf, type Encoded, type Operations, type Tensors, type Value } from "./operations.ts";

/**
 * A ResNet, operation by operation.
 *
 * @param to Writes the operations.
 * @param images The images, normalised.
 * @param settings Which ResNet.
 * @param tensors Its values.
 * @param size Height and width of an image, pixels.
 */
export function writeResNet(
  to: Operations,
  images: Value,
  settings: ResNetEncoder,
  tensors: Tensors,
  size: number,
): Encoded {
  const { depths, isWide } = resnetSizes(settings);
  const convolution = (x: Value, convolution: string, norm: string, stride: number, padding: number) =>
    to.batchNorm(to.convolution(x, tensors(`${convolution}.weight`), { stride, padding }), batchNormOf(tensors, norm));

  const isSmall = settings.stem === "small";
  let x = to.relu(
    isSmall ? convolution(images, "conv1", "bn1", settings.stemStride, 1) : convolution(images, "conv1", "bn1", 2, 3),
  );
  if (!isSmall) x = to.maxPool(x);
  for (const [stage, depth] of depths.entries()) {
    for (let block = 0; block < depth; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const branch = isWide ? [[1, 0], [stride, 1], [1, 0]] : [[stride, 1], [1, 1]]; // stride and padding of each
      let y = x;
      for (const [index, [by, padding]] of branch.entries()) {
        y = convolution(y, `${name}.conv${index + 1}`, `${name}.bn${index + 1}`, by, padding);
        if (index + 1 < branch.length) y = to.relu(y);
      }
      const widens = block === 0 && (stage > 0 || isWide);
      const around = widens ? convolution(x, `${name}.downsample.0`, `${name}.downsample.1`, stride, 0) : x;
      x = to.relu(to.add(y, around));
    }
  }
  return { hidden: x, features: averaged(to, x, settings, size) };
}

/** The means of the last map over a grid of cells, as `averagePool` of `src/nn/pool.ts` takes them. */
function averaged(
  to: Operations,
  map: Value,
  { evaluationGrid, stem, stemStride }: ResNetEncoder,
  size: number,
): Value {
  if (evaluationGrid === 1) return to.mapMean(map);
  const halvings = 3 + (stem === "small" ? Math.log2(stemStride) : 2);
  const side = Math.ceil(size / 2 ** halvings); // each halving rounds up, and so does all of them together
  const parts = cells(side, evaluationGrid);
  return to.joined(
    parts.flatMap(([top, rows]) =>
      parts.map(([left, columns]) => to.mapMean(to.part(map, { top, left, rows, columns })))
    ),
  );
}
