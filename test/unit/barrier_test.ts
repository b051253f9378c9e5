import { assert, assertEquals } from "@std/assert";
import { backend, type Tensor, tf } from "../../src/engine/native/backend.ts";
import { currentTrace, executeTraced } from "../../src/engine/compile/graph.ts";
import { jit } from "../../src/engine/mod.ts";
import { valueAndGrad, valueAndGradOfSum } from "../../src/core/autodiff.ts";
import { barrier } from "../../src/core/barrier.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { assertClose } from "../support/close.ts";

type Shared = { readonly w: Tensor };

const product = (x: Tensor, { w }: Shared) => tf.tanh(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));

/** A loss of two passes through one product. */
function loss(inTurn: boolean) {
  return (x: Tensor, shared: Shared) =>
    valueAndGrad((shared) => {
      const first = product(x, shared);
      const { params, same } = inTurn ? barrier({ params: shared, same: first }) : { params: shared, same: first };
      const second = product(tf.neg(x), params);
      return { loss: tf.sum(tf.mul(tf.square(same), tf.add(second, 2))), aux: { first: same, second } };
    }, shared);
}

for (const [way, run] of Object.entries({ eager: <F>(f: F) => f, jit, xla: (f: never) => jit(f, { xla: true }) })) {
  Deno.test(`a computation that takes its turn has the same values and gradients (${way})`, () => {
    scope(() => {
      const [x, shared] = [normal(key(1), [5, 4]), { w: normal(key(2), [4, 4]) }];
      const actual = (run as typeof jit)(loss(true))(x, shared);
      assertClose(actual, loss(false)(x, shared), "gradient");
    });
  });
}

Deno.test("a tree without tensors passes a barrier, and so do whole numbers", () => {
  const passed = jit((n: Tensor) => barrier({ n, none: {} }));
  const n = tf.tensor1d([1, 2], "int32");
  const { n: same, none } = passed(n);
  assertEquals([...same.dataSync()], [1, 2]);
  assertEquals([none, barrier({})], [{}, {}]);
  dispose({ n, same });
});

/** The same tensor of the trace, with the time at which it was there: an id, as tfjs has no tensors of float64. */
function timed(x: Tensor): { readonly x: Tensor; readonly time: number } {
  const trace = currentTrace()!;
  const ids = backend().getInputTensorIds([x]);
  const [{ id }] = executeTraced(trace, "Timestamp", {}, [], ids);
  // What follows awaits the note, which could be taken late otherwise.
  return { x: backend().createOutputTensor(executeTraced(trace, "Identity", {}, ids, [id])[0]), time: id };
}

/** Passes a tensor on, and notes when its gradient is there. */
function timedBack(x: Tensor, note: (time: number) => void): Tensor {
  return tf.customGrad((x) => ({
    value: tf.clone(x as Tensor),
    gradFunc: (gradient: Tensor) => {
      const noted = timed(gradient);
      note(noted.time);
      return noted.x;
    },
  }))(x);
}

/** float32. */
function seconds(from: number, to: number): Tensor {
  const [{ id }] = executeTraced(currentTrace()!, "Sub", {}, [to, from]);
  return backend().createOutputTensor(executeTraced(currentTrace()!, "Cast", { DstT: "float32" }, [id])[0]);
}

Deno.test("compiled, it begins after what is before it, and its gradient is through before that one's begins", () => {
  scope(() => {
    const waited = jit((x: Tensor, shared: Shared) => {
      const times: Record<string, number> = {};
      valueAndGrad((shared) => {
        const first = product(timedBack(product(x, shared), (time) => times.back = time), shared);
        const done = tf.customGrad((first) => {
          const noted = timed(first as Tensor);
          times.done = noted.time;
          return { value: noted.x, gradFunc: (gradient: Tensor) => gradient };
        })(first);
        const { params, same } = barrier({ params: shared, same: done });
        const begun = timed(params.w);
        times.begun = begun.time;
        const second = product(x, { w: timedBack(params.w, (time) => times.through = time) });
        return { loss: tf.add(tf.sum(same), tf.sum(second)), aux: { begun: begun.x } };
      }, shared);
      return { forward: seconds(times.done, times.begun), backward: seconds(times.through, times.back) };
    });
    const [x, shared] = [normal(key(1), [300, 300]), { w: normal(key(2), [300, 300], 0, 0.05) }];
    for (let i = 0; i < 5; i++) {
      const { forward, backward } = waited(x, shared);
      assert(forward.dataSync()[0] >= 0, `it began ${-forward.dataSync()[0]} s too early`);
      assert(backward.dataSync()[0] >= 0, `the gradient went back ${-backward.dataSync()[0]} s too early`);
    }
  });
});

Deno.test("compiled, a term of a sum begins when the gradient of the one before it is there", () => {
  scope(() => {
    const waited = jit((x: Tensor, shared: Shared) => {
      let [ended, begun] = [NaN, NaN];
      const { gradients } = valueAndGradOfSum(
        ({ w }, term: number) => {
          const at = timed(w);
          if (term === 1) begun = at.time;
          const through = timedBack(term === 0 ? w : at.x, (time) => ended = term === 0 ? time : ended);
          return { loss: tf.sum(product(product(x, { w: through }), { w: through })), aux: {}, carried: {} };
        },
        shared,
        [0, 1],
        {},
      );
      return { gradients, between: seconds(ended, begun) };
    });
    const [x, shared] = [normal(key(1), [300, 300]), { w: normal(key(2), [300, 300], 0, 0.05) }];
    for (let i = 0; i < 5; i++) {
      const between = waited(x, shared).between.dataSync()[0];
      assert(between >= 0, `it began ${-between} s too early`);
    }
  });
});
