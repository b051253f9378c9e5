import type { StoredTensor } from "../../files/safetensors.ts";
import { holesIn } from "./pattern.ts";
import type { Recognised } from "./recognise.ts";
import { isFloating } from "./widen.ts";

/**
 * The tensors inside an encoder's blocks that its layout does not know, such as those of LayerScale
 * (`blocks.0.ls1.gamma`) or of squeeze-and-excitation (`layer1.0.se.fc1.weight`). Where there are any, the blocks compute
 * something else than the tensors that are known. What lies outside of the blocks may be a head, which is not needed.
 *
 * @param recognised The file's layout.
 * @param tensors The file's tensors.
 */
export function strangers(
  { layout, beginning, leftOver }: Recognised,
  tensors: readonly StoredTensor[],
): readonly string[] {
  const block = "{b}.";
  const blocks = new Set(
    layout.rows.flatMap(({ theirs }) => theirs).filter((name) => name.includes(block))
      .map((name) => name.slice(0, name.indexOf(block) + block.length)),
  );
  const isInBlock = (name: string): boolean =>
    [...name.matchAll(/\./g)].some(({ index }) =>
      [...blocks].some((pattern) => holesIn(pattern, name.slice(0, index + 1)) !== undefined)
    );
  const unknown = new Set(leftOver);
  return tensors
    .filter((tensor) => unknown.has(tensor.name) && isFloating(tensor))
    .map(({ name }) => name)
    .filter((name) => name.startsWith(beginning) && isInBlock(name.slice(beginning.length)));
}
