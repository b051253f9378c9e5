import { assertEquals, assertThrows } from "@std/assert";
import { jit, op, type Tensor, tf } from "../../src/engine/mod.ts";
import { fused } from "../../src/engine/compile/fused.ts";
import { hasGpu } from "../../src/engine/native/runtime.ts";
import { inAnyCase } from "../../src/engine/ops/cross_entropy.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose, liveTensors, scope } from "../../src/core/scope.ts";
import { assertClose } from "../support/close.ts";

Deno.test("a fused part gives in a trace what it gives eagerly, each output in its place", () => {
  scope(() => {
    const part = fused("part", (x, n) => [tf.exp(tf.mul(x, 0.5)), n, tf.sub(x, tf.cast(n, "float32"))]);
    const [x, n] = [normal(key(1), [7, 5]), tf.range(0, 5, 1, "int32")];
    const f = (x: Tensor, n: Tensor) => {
      const [a, b, c] = part(x, n);
      return { a: tf.square(a), b: tf.add(b, tf.scalar(1, "int32")), c: op("Neg", [c])[0] };
    };
    const [eager, compiled, xla] = [f(x, n), jit(f)(x, n), jit(f, { xla: true })(x, n)];
    assertEquals(compiled.b.dataSync(), Int32Array.of(1, 2, 3, 4, 5));
    assertClose(compiled, eager, "reduction"); // exp of XLA is another approximation
    assertClose(xla, eager, "reduction");
  });
});

Deno.test("a fused part is traced once for each shape", { ignore: hasGpu() }, () => {
  let traces = 0;
  const part = fused("part", (x) => {
    traces++;
    return [tf.neg(x)];
  });
  const f = jit((x: Tensor, y: Tensor) => tf.add(tf.add(part(x)[0], part(tf.square(x))[0]), tf.sum(part(y)[0])));
  scope(() => assertEquals([...f(tf.tensor1d([1, 2]), tf.tensor1d([1, 2, 3])).dataSync()], [-8, -12]));
  assertEquals(traces, 2);
});

Deno.test(
  "a fused part refuses a tensor that is not among its inputs, and leaves nothing behind",
  { ignore: hasGpu() },
  () => {
    const large = tf.zeros([2000]);
    const before = liveTensors();
    assertThrows(
      () => jit((x: Tensor) => fused("part", (x) => [tf.add(x, large)])(x)[0])(large),
      TypeError,
      'Cannot fuse "part": it reads a tensor that is not among its inputs',
    );
    assertThrows(
      () => jit((x: Tensor) => fused("part", (y) => [tf.add(x, y)])(x)[0])(large),
      TypeError,
      'Cannot use a traced tensor in "part"',
    );
    assertEquals(liveTensors(), before);
    dispose(large);
  },
);

Deno.test("cross-entropy in several passes is that in one, with its gradient", () => {
  scope(() => {
    const some = tf.mul(normal(key(3), [7, 5]), 4);
    const logits = tf.where(
      tf.equal(tf.range(0, 5), 3),
      tf.tensor1d([-Infinity, 0, 0, 0, 0, 0, 0]).expandDims(1),
      some,
    );
    const labels = tf.tensor1d([0, 4, 2, 2, 1, 3, 0], "int32");
    const inOne = op("SparseSoftmaxCrossEntropyWithLogits", [logits, labels]);
    inAnyCase(logits, labels).forEach((part, i) => assertClose(part.dataSync(), inOne[i].dataSync(), "elementwise"));
  });
});
