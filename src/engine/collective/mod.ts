/**
 * Processes that compute together, on TensorFlow's own servers: a ring over gRPC on processors, NCCL on GPUs.
 *
 * @module
 */
export { type Cluster, joinCluster } from "./cluster.ts";
export type { Wire } from "../native/mod.ts";
export { answers, heard, tell } from "./messages.ts";
export { gatherFromMembers, meanOverMembers, sumOverMembers } from "./operations.ts";
export { acceptOnlyAt, freePorts, greets } from "./sockets.ts";
