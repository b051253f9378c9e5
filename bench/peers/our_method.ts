/**
 * A workload's method in this library.
 *
 * @module
 */
import {
  adamW,
  batchNormHead,
  createMoco,
  createMocoV3,
  entries,
  type Method,
  mlpHead,
  type Network,
  resnet18,
  resnet50,
  sgd,
  vitSmall,
} from "../../mod.ts";
import type { MethodState } from "../../src/methods/types.ts";
import type { Workload } from "./workloads.ts";

/**
 * The method with a workload's network, optimizer and numbers.
 *
 * @param work The workload.
 * @param recompute Whether a ViT computes its blocks again for their gradients.
 */
export function methodOf(work: Workload, recompute: boolean = false): Method<MethodState> {
  const { input, learningRate, weightDecay, momentum, temperature } = work;
  if (work.method === "v3") {
    const { hidden, dimension } = work;
    return createMocoV3({
      backbone: vitSmall({ recompute }),
      projector: batchNormHead({ layers: 3, hidden, dimension }),
      predictor: batchNormHead({ layers: 2, hidden, dimension }),
      input,
      optimizer: adamW({ learningRate, weightDecay }),
      momentum,
      temperature,
    });
  }
  const backbone = work.encoder === "resnet18" ? resnet18 : resnet50;
  return createMoco({
    backbone: backbone({ stem: work.stem, width: work.width }),
    head: mlpHead(work.dimension),
    input,
    optimizer: sgd({ learningRate, momentum: work.velocity, weightDecay }),
    queueSize: work.queue,
    momentum,
    temperature,
    shuffle: false, // with one group it would change nothing, and the others do not
  });
}

/** How many numbers are trained: of the query encoder, and of the predictor where there is one. */
export function parametersOf({ query, predictor }: { readonly query: Network; readonly predictor?: Network }): number {
  const trained = [query, ...(predictor === undefined ? [] : [predictor])];
  return trained.flatMap(({ params }) => entries(params)).reduce((sum, [, { size }]) => sum + size, 0);
}
