import type { Tree } from "../core/tree.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** Makes an optimizer from its declared settings and the learning rate that they schedule. */
export type BuildOptimizer<S> = (settings: S, learningRate: Schedule) => Optimizer<Tree>;
