/**
 * tfjs-node's kernels, which run on our binding to TensorFlow. Its native addon is not loaded. Load tfjs first.
 *
 * @module
 */
export { NodeJSKernelBackend } from "npm:@tensorflow/tfjs-node-gpu@4.22.0/dist/nodejs_kernel_backend.js";
export type { TFJSBinding } from "npm:@tensorflow/tfjs-node-gpu@4.22.0/dist/tfjs_binding.d.ts";
import "npm:@tensorflow/tfjs-node-gpu@4.22.0/dist/register_all_kernels.js";
