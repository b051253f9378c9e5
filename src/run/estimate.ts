/**
 * The memory that a training will need, estimated before anything is allocated.
 *
 * @module
 */
import { foreseen, type Memory, type Tensor } from "../engine/mod.ts";
import type { Config } from "../config/types.ts";
import type { Key } from "../core/random.ts";
import { entries } from "../core/tree.ts";
import type { Method, MethodState } from "../methods/types.ts";
import type { Shape } from "../nn/types.ts";

/** What a training will need. */
export type Estimate = {
  /** The number of parameters that the query encoder learns. */
  readonly parameters: number;
  /** Bytes of a state: both encoders, the optimizer's memory, the queue. */
  readonly state: number;
  /** Bytes of the logits of a step, and of the keys that it samples. */
  readonly contrast: number;
  /** About how many bytes the layers keep during a step for its gradient. */
  readonly activations: number;
};

/** Bytes of a parameter, float32. */
const width = 4;

/**
 * The share of an encoder's results for a batch that is held at once. Runs of ResNet-18 at 128 and 256 pixels and of
 * ViT-S at 224 and 384 held 0.17 to 0.25 of it.
 */
const kept = 0.25;

/** Forward passes of a batch that are kept for a gradient at once, by method; one for any method not listed. */
const passes: Partial<Record<Config["method"]["name"], number>> = { "simclr": 2, "end-to-end": 2 };

/**
 * What a training will need, computed from the shapes of its state and of its encoder's results for a batch. It is an
 * estimate: the step may keep less, and its kernels need room of their own.
 *
 * @param config The configuration.
 * @param built Its method.
 * @param view The shape of a view.
 */
export function estimate(
  { method, training: { batch } }: Config,
  built: Method<MethodState>,
  view: Shape,
): Estimate {
  const random = { dtype: "int32", shape: [2] } as const;
  const views = { dtype: "float32", shape: [batch, ...view] } as const;
  let paths: readonly string[] = [];
  const initial = foreseen([random], ([key]) => {
    const found = entries(built.init(key as Key));
    paths = found.map(([path]) => path);
    return found.map(([, leaf]) => leaf);
  });
  const passed = foreseen(
    [random, views],
    ([key, images]: Tensor[]) => [built.features(built.init(key as Key), images)],
  );
  const sum = (part: string) =>
    initial.results.reduce((total, bytes, i) => paths[i].startsWith(part) ? total + bytes : total, 0);
  return {
    parameters: sum("query.params.") / width,
    state: sum(""),
    activations: kept * (passes[method.name] ?? 1) * (passed.all - initial.all),
    contrast: contrasted(method, batch),
  };
}

/** Bytes of the keys that a batch is contrasted with, where the state does not hold them, and of its logits. */
function contrasted(method: Config["method"], batch: number): number {
  if ("negatives" in method) return width * method.negatives * (method.dimension + batch);
  return width * batch * ("queue" in method ? method.queue : 2 * batch);
}

/** How many times the machine's memory the estimate may reach before a training is refused: it can be too high. */
const absurd = 4;

/** Whether a training is so large that this machine will never run it. */
export function isAbsurd({ state, contrast, activations }: Estimate, { total }: Memory): boolean {
  return state + contrast > total || state + contrast + activations > absurd * total;
}

/** An estimate in words. */
export function renderEstimate({ parameters, state, contrast, activations }: Estimate): string {
  const count = parameters < 1e6
    ? `${Math.round(parameters / 1e3)} thousand`
    : `${(parameters / 1e6).toFixed(1)} million`;
  return `${count} parameters; memory: ${inMegabytes(state)} for the state, about ${
    inMegabytes(contrast + activations)
  } for a step`;
}

/** A number of bytes in readable form. */
export function inMegabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
