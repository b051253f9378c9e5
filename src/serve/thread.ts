/**
 * Work in threads of their own, so that the server answers meanwhile.
 *
 * @module
 */

/** A thread that answers questions, several at a time. */
export type Thread<Question, Result> = {
  /** Asks; rejects where the thread cannot answer. */
  readonly ask: (question: Question, onProgress?: (done: number, count: number) => void) => Promise<Result>;
  /** Ends the thread. What was asked and not answered is rejected. */
  readonly close: () => void;
};

/** What a thread is told. */
export type Asked<Question> = { readonly id: number; readonly question: Question };

/** What a thread tells. */
export type Told<Result> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: string }
  | { readonly id: number; readonly done: number; readonly count: number };

type Waiting<Result> = PromiseWithResolvers<Result> & {
  readonly onProgress: ((done: number, count: number) => void) | undefined;
};

/**
 * A thread, which is started with the first question and again where it died.
 *
 * @param module The module that it runs, which calls {@linkcode answering}.
 */
export function thread<Question, Result>(module: URL): Thread<Question, Result> {
  const waiting = new Map<number, Waiting<Result>>();
  let worker: Worker | undefined;
  let next = 0;
  const close = (reason: string): void => {
    worker?.terminate();
    worker = undefined;
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
  };
  const start = (): Worker => {
    const started = new Worker(module, { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<Told<Result>>) => {
      const asked = waiting.get(data.id);
      if (asked === undefined) return;
      if ("count" in data) return asked.onProgress?.(data.done, data.count);
      waiting.delete(data.id);
      if ("error" in data) asked.reject(new Error(data.error));
      else asked.resolve(data.result);
    });
    started.addEventListener("error", (event) => {
      event.preventDefault();
      close(event.message);
    });
    return started;
  };
  return {
    ask: (question, onProgress) => {
      const id = next++;
      const asked = { ...Promise.withResolvers<Result>(), onProgress };
      waiting.set(id, asked);
      worker ??= start();
      worker.postMessage({ id, question } satisfies Asked<Question>);
      return asked.promise;
    },
    close: () => close("The server is closing"),
  };
}

/** In a thread: answers every question with a function, which may say how far it is. */
export function answering<Question, Result>(
  answer: (question: Question, onProgress: (done: number, count: number) => void) => Result | Promise<Result>,
): void {
  const told = globalThis as unknown as { readonly postMessage: (message: Told<Result>) => void };
  globalThis.addEventListener("message", async (event) => {
    const { id, question } = (event as MessageEvent<Asked<Question>>).data;
    try {
      const result = await answer(question, (done, count) => told.postMessage({ id, done, count }));
      told.postMessage({ id, result });
    } catch (thrown) {
      told.postMessage({ id, error: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  });
}
