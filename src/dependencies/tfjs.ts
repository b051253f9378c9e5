/** tfjs: ops, kernels and automatic differentiation. */
export * from "npm:@tensorflow/tfjs@4.22.0";
