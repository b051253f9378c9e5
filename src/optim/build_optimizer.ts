import type { Tree } from "../core/tree.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** Makes an optimizer of the settings that are declared for it, and of the learning rate that they schedule. */
export type BuildOptimizer<S> = (settings: S, learningRate: Schedule) => Optimizer<Tree>;
