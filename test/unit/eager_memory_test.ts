/**
 * An eager step frees what it no longer needs: within a forward pass, and while the gradient flows back.
 */
import { assert, assertEquals } from "@std/assert";
import {
  key,
  type Layer,
  liveTensors,
  scope,
  sequential,
  type Tensor,
  tf,
  valueAndGrad,
  valueAndGradOfSum,
} from "../../mod.ts";

Deno.test("while the gradient flows back, what it has passed is freed", () => {
  /** How many tensors live when the gradient of the first of `count` ops is taken, which is the last to be taken. */
  function atTheEnd(count: number): number {
    let live = NaN;
    const first = tf.customGrad((x) => ({
      value: tf.clone(x as Tensor),
      gradFunc: (dy) => {
        live = liveTensors();
        return tf.clone(dy as Tensor);
      },
    }));
    scope(() => {
      const { loss, gradients } = valueAndGrad(({ w }) => {
        let x: Tensor = first(w);
        for (let op = 1; op < count; op++) x = tf.sin(x);
        return { loss: tf.sum(x), aux: {} };
      }, { w: tf.tensor1d([0.5, 1]) });
      assert(Number.isFinite(loss.dataSync()[0]));
      let [value, slope] = [0.5, 1];
      for (let op = 1; op < count; op++) [value, slope] = [Math.sin(value), slope * Math.cos(value)];
      assert(Math.abs(gradients.w.dataSync()[0] - slope) < 1e-6);
    });
    return live;
  }
  assertEquals(atTheEnd(40), atTheEnd(10));
});

Deno.test("a gradient that another one needs keeps what it passes", () => {
  scope(() => {
    const fourth = ({ x }: { x: Tensor }) => ({ loss: tf.sum(tf.mul(x, tf.mul(x, tf.mul(x, x)))), aux: {} });
    const { gradients } = valueAndGrad(
      ({ w }) => ({ loss: tf.sum(valueAndGrad(fourth, { x: w }).gradients.x), aux: {} }),
      { w: tf.tensor1d([2, 3]) },
    );
    assertEquals([...gradients.w.dataSync()], [48, 108]); // the second derivative of x^4 is 12 x^2
  });
});

Deno.test("a gradient that is passed on as it is stays", () => {
  const passing = tf.customGrad((x) => ({ value: tf.clone(x as Tensor), gradFunc: (dy) => dy as Tensor }));
  scope(() => {
    const { gradients } = valueAndGrad(
      ({ w }) => ({ loss: tf.sum(tf.square(passing(tf.square(w)))), aux: {} }),
      { w: tf.tensor1d([1, 2]) },
    );
    assertEquals([...gradients.w.dataSync()], [4, 32]); // of w^4: 4 w^3
  });
});

Deno.test("one tensor may be the gradient of several inputs", () => {
  const sum = tf.customGrad((a, b) => ({
    value: tf.add(a as Tensor, b as Tensor),
    gradFunc: (dy) => [dy as Tensor, dy as Tensor],
  }));
  scope(() => {
    const { gradients } = valueAndGrad(
      ({ w }) => ({ loss: tf.sum(sum(tf.square(w), tf.mul(w, 3))), aux: {} }),
      { w: tf.tensor1d([1, 2]) },
    );
    assertEquals([...gradients.w.dataSync()], [5, 7]); // of w^2 + 3 w: 2 w + 3
  });
});

Deno.test("of a layer only its output stays, when the next one begins", () => {
  const layer: Layer = {
    init: (_, input) => ({ network: { params: {}, buffers: {} }, output: input }),
    apply: (_, x) => ({ output: tf.sub(tf.square(tf.add(x, 1)), 1), buffers: {} }), // two results on the way
  };
  const layers = sequential(...Array<Layer>(3).fill(layer));
  const { network } = layers.init(key(0), [1]);
  scope(() => {
    const x = tf.ones([1, 1]);
    const before = liveTensors();
    const { output } = layers.apply(network, x, { training: true });
    assertEquals(liveTensors() - before, 3);
    assertEquals(output.dataSync()[0], 255); // 1, 3, 15, 255
  });
});

Deno.test("a reshape keeps nothing for its gradient, which has the shape of its input", () => {
  const doubled = tf.customGrad((x) => ({
    value: tf.mul(x as Tensor, 2),
    gradFunc: (dy) => tf.mul(dy as Tensor, 2),
  }));
  scope(() => {
    const { gradients } = valueAndGrad(({ w }) => {
      const before = liveTensors();
      const x = scope(() => tf.reshape(doubled(w), [3, -1]));
      assertEquals(liveTensors() - before, 1);
      assertEquals(x.shape, [3, 2]);
      return { loss: tf.sum(tf.mul(x, tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]))), aux: {} };
    }, { w: tf.tensor2d([1, 1, 1, 1, 1, 1], [2, 3]) });
    assertEquals(gradients.w.arraySync(), [[2, 4, 6], [8, 10, 12]]);
  });
});

Deno.test("of the first term of a sum nothing but its results stays, when the next one begins", () => {
  /** How many tensors live when the second and third term begin, where the first one has `count` times as many ops. */
  function later(count: number): readonly number[] {
    const live: number[] = [];
    scope(() => {
      const { gradients } = valueAndGradOfSum(
        ({ w }, ops: number) => {
          live.push(liveTensors());
          let x: Tensor = w;
          for (let op = 0; op < ops; op++) x = tf.square(tf.sqrt(x));
          return { loss: tf.sum(x), aux: {}, carried: {} };
        },
        { w: tf.tensor1d([1, 2]) },
        [count, 1, 1],
        {},
      );
      assertEquals([...gradients.w.dataSync()].map(Math.round), [3, 3]); // of w, three times
    });
    return live.slice(1);
  }
  const [second, third] = later(1);
  assertEquals(later(3), [second, third]);
  assertEquals(third, second);
});
