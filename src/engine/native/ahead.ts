import type { Pointer } from "./c_api.ts";
import { contexts } from "./contexts.ts";
import { runtime } from "./runtime.ts";

/** TensorFlow's threads for what runs ahead, each there once it was needed. */
const executors: Pointer[] = [];

/** How many ops, or compiled functions, wait at most for their turn. They hold what they are given. */
const WAITING = 2;

/**
 * Runs the ops of `body` in a thread of TensorFlow, in their order, while JavaScript goes on. Its results can be used
 * like others. Reading one waits for its value, and throws what went wrong. So does asking for its shape, unless it
 * comes from a compiled function, whose shapes are known.
 *
 * A compiled function that takes arguments over may run in one thread at a time only. Its calls take what is donated in
 * the order in which they begin, which is not certain in two threads.
 *
 * @param body Uses tensors, and does not read them.
 * @param thread Which of the threads. What runs in different ones runs at the same time. Default 0.
 * @returns What `body` returns, before it is computed.
 */
export function ahead<T>(body: () => T, thread = 0): T {
  const { C } = runtime();
  const executor = executors[thread] ??= C.TFE_NewExecutor(Number(true), Number(false), 1 + WAITING);
  C.TFE_ExecutorClearError(executor); // after an op that failed, it would refuse every other
  const before = contexts().map((context) => ({ context, usual: C.TFE_ContextGetExecutorForThread(context) }));
  before.forEach(({ context }) => C.TFE_ContextSetExecutorForThread(context, executor));
  try {
    return body();
  } finally {
    for (const { context, usual } of before) {
      C.TFE_ContextSetExecutorForThread(context, usual);
      C.TFE_DeleteExecutor(usual); // the reference that was asked for
    }
  }
}
