import { type Tensor, tf } from "../engine/mod.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import { map } from "../core/tree.ts";
import type { Mode, Network, Params } from "./types.ts";

/**
 * A layer's own tensor.
 *
 * @param values The layer's parameters or buffers.
 * @param name The tensor's name among them.
 * @param shape The shape that it must have.
 * @param kind The layer's kind, for the message.
 * @throws {TypeError} if it is absent or of another shape.
 */
export function valueOf(values: Params, name: string, shape: readonly number[], kind: string): Tensor {
  const value = values[name];
  if (value instanceof tf.Tensor && value.shape.join() === shape.join()) return value;
  const found = value === undefined ? "none" : value instanceof tf.Tensor ? shapeText(value) : "a record";
  throw new LayerError("apply", kind, `"${name}" of shape ${shapeText(shape)}`, found);
}

/**
 * The parameters or buffers of a layer inside another one; a layer without any has no entry.
 *
 * @param values The outer layer's parameters or buffers.
 * @param name The inner layer's name.
 */
export function valuesOf(values: Params, name: string): Params {
  const inner = values[name] ?? {};
  if (inner instanceof tf.Tensor) throw new LayerError("apply", "layer", "a record of values", "a tensor", [name]);
  return inner;
}

/**
 * The values of a layer inside another one: those under its name, or all of them if it has no name.
 *
 * @param network The outer layer's values.
 * @param name The inner layer's name.
 */
export function inside(network: Network, name: string | undefined): Network {
  if (name === undefined) return network;
  return { params: valuesOf(network.params, name), buffers: valuesOf(network.buffers, name) };
}

/**
 * The parameters or buffers of a layer with those of another one inside it: under its name, or next to the others if it
 * has none. A layer without any has no entry.
 *
 * @param values The outer layer's parameters or buffers.
 * @param name The inner layer's name.
 * @param inner The inner layer's parameters or buffers.
 * @throws {TypeError} if there are values of the same name already: they would be lost.
 */
export function placed(values: Params, name: string | undefined, inner: Params): Params {
  const added = name === undefined ? inner : Object.keys(inner).length === 0 ? {} : { [name]: inner };
  const twice = Object.keys(added).find((name) => Object.hasOwn(values, name));
  if (twice !== undefined) {
    throw new LayerError("initialize", "layers", "values of different names", `"${twice}" twice`);
  }
  return { ...values, ...added };
}

/**
 * Buffers that a layer passes on unchanged. In training they are copied, since the next state shares no tensors with
 * this one.
 */
export function carried(buffers: Params, { training }: Mode): Params {
  return training ? map((leaf) => tf.clone(leaf), buffers) : buffers;
}
