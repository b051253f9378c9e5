/**
 * tfjs on our engine: its kernel backend, registered under the name that its kernels look for.
 *
 * @module
 */
import "./polyfill.ts";
import * as tf from "../../dependencies/tfjs.ts";
import { NodeJSKernelBackend } from "../../dependencies/tfjs_node_gpu.ts";
import { binding } from "./binding.ts";
import type { TensorMetadata } from "./eager.ts";

/** A dense tfjs tensor that lives in TensorFlow. */
export type Tensor = tf.Tensor;

/** The tfjs namespace, running on this engine. */
export { tf };

/** What the kernel backend offers beyond its declared types. */
type KernelBackend = {
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
};

/** Puts a kernel of this backend in the place of tfjs's own, which it is given. */
function replaceKernel(kernelName: string, by: (own: tf.KernelFunc) => tf.KernelFunc): void {
  const own = tf.getKernel(kernelName, "tensorflow").kernelFunc;
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc: by(own) });
}

// TensorFlow 2.21's Round returns zeros for integers on the CPU. Integers need no rounding.
replaceKernel("Round", (own) => (call) => {
  const isInteger = call.inputs.x?.dtype === "int32";
  return isInteger ? tf.getKernel("Identity", "tensorflow").kernelFunc(call) : own(call);
});

// For the shape alone, tfjs's gradient of a reshape would keep its whole input. What the kernel is given for a call, its
// gradient is given too. On tfjs's other backends, which nothing here uses, a reshape has no gradient any more.
const shapesBefore = new WeakMap<object, number[]>();
replaceKernel("Reshape", (own) => (call) => {
  shapesBefore.set(call.attrs!, call.inputs.x!.shape);
  return own(call);
});
tf.unregisterGradient("Reshape");
tf.registerGradient({
  kernelName: "Reshape",
  gradFunc: (gradient, _, attributes) => {
    const shape = shapesBefore.get(attributes);
    if (shape === undefined) {
      throw new TypeError("Cannot differentiate a reshape: expected one of the engine's backend");
    }
    return { x: () => tf.reshape(gradient as Tensor, shape) };
  },
});

// Backends are made on first use, so importing this module starts nothing. The priority is tfjs-node's, which is above
// every other backend's.
tf.registerBackend("tensorflow", started, 3);

/**
 * The kernel backend, or, where TensorFlow cannot be started, one whose every use throws the reason. If this function
 * threw it, tfjs would print a trace and go on with a backend of its own, which lacks what the engine needs.
 */
function started(): tf.KernelBackend {
  try {
    return new NodeJSKernelBackend(binding, "tensorflow");
  } catch (failure) {
    return new Proxy(new tf.KernelBackend(), {
      get: () => {
        throw failure;
      },
    });
  }
}

/** The backend; the first call starts TensorFlow. */
export function backend(): KernelBackend {
  return tf.backend() as unknown as KernelBackend;
}
