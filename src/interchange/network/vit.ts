import { type VitEncoder, vitSizes } from "../formats/shapes.ts";
import { batchNormOf, type Encoded, type Operations, type Tensors, type Value } from "./operations.ts";

/**
 * A vision transformer, operation by operation. All tokens pass the last block, whichever of them the features are.
 *
 * @param to Writes the operations.
 * @param images The images, normalised.
 * @param settings Which transformer.
 * @param tensors Its values.
 * @param size Height and width of an image, pixels.
 */
export function writeVit(to: Operations, images: Value, settings: VitEncoder, tensors: Tensors, size: number): Encoded {
  const { dimension, depth, heads, patch } = vitSizes(settings);
  const isConv = settings.patchStem === "conv";
  const hasClass = settings.pool === "class";
  const patches = (size / patch) ** 2;
  const count = hasClass ? patches + 1 : patches;
  const norm = (x: Value, name: string) => to.layerNorm(x, tensors(`${name}.weight`), tensors(`${name}.bias`));
  const linear = (x: Value, name: string) => to.linear(x, tensors(`${name}.weight`), tensors(`${name}.bias`));

  let x = to.tokens(isConv ? convolutionalStem() : projection(images, "patch_embed.proj", patch), patches, dimension);
  if (hasClass) x = to.withFirst(x, tensors("cls_token"));
  if (settings.position !== "none") x = to.plus(x, tensors("pos_embed"));
  for (let block = 0; block < (isConv ? depth - 1 : depth); block++) {
    const name = `blocks.${block}`;
    const qkv = linear(norm(x, `${name}.norm1`), `${name}.attn.qkv`);
    x = to.add(x, linear(to.attention(qkv, { count, heads, dimension }), `${name}.attn.proj`));
    x = to.add(x, linear(to.gelu(linear(norm(x, `${name}.norm2`), `${name}.mlp.fc1`)), `${name}.mlp.fc2`));
  }
  if (!hasClass) return { hidden: x, features: to.tokenMean(x) };
  const hidden = norm(x, "norm");
  return { hidden, features: to.firstToken(hidden) };

  function projection(from: Value, name: string, stride: number): Value {
    return to.convolution(from, tensors(`${name}.weight`), { stride, padding: 0, bias: tensors(`${name}.bias`) });
  }

  function convolutionalStem(): Value {
    const halvings = Math.log2(patch);
    let map = images;
    for (let halving = 0; halving < halvings; halving++) {
      const halved = to.convolution(map, tensors(`patch_embed.proj.${3 * halving}.weight`), { stride: 2, padding: 1 });
      map = to.relu(to.batchNorm(halved, batchNormOf(tensors, `patch_embed.proj.${3 * halving + 1}`)));
    }
    return projection(map, `patch_embed.proj.${3 * halvings}`, 1);
  }
}
