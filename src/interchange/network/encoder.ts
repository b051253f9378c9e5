import { isResNet } from "../formats/shapes.ts";
import type { LeavingEncoder } from "../formats/types.ts";
import type { Encoded, Operations, Value } from "./operations.ts";
import { writeResNet } from "./resnet.ts";
import { writeVit } from "./vit.ts";

/**
 * An encoder, with its classifier if it has one, operation by operation.
 *
 * @param to Writes the operations.
 * @param images The images, normalised.
 * @param encoder The encoder.
 * @throws {TypeError} if a tensor of it is missing.
 */
export function writeEncoder(
  to: Operations,
  images: Value,
  { settings, images: { size }, tensors, classifier }: LeavingEncoder,
): Encoded {
  const values = new Map(tensors.map((tensor) => [tensor.name.replace("query.backbone.", ""), tensor]));
  const valueOf = (name: string) => {
    const found = values.get(name);
    if (found === undefined) throw new TypeError(`Cannot write a graph: expected the tensor ${name}, found none`);
    return { ...found, name };
  };
  const encoded = isResNet(settings)
    ? writeResNet(to, images, settings, valueOf, size)
    : writeVit(to, images, settings, valueOf, size);
  if (classifier === undefined) return encoded;
  return { ...encoded, logits: to.linear(encoded.features, classifier.weight, classifier.bias) };
}
