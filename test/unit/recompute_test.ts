import { assert, assertEquals, assertThrows } from "@std/assert";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { recompute } from "../../src/core/recompute.ts";
import { liveTensors, scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { dense } from "../../src/nn/dense.ts";
import { recomputed } from "../../src/nn/recomputed.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { initial, scattered } from "../support/gradients.ts";

type Inputs = { readonly x: Tensor; readonly unused: Tensor };

const inputs = (): Inputs => ({ x: tf.tensor1d([1, 2, 3]), unused: tf.tensor1d([4]) });

/** The loss and the gradients as numbers. */
function numbers(f: (inputs: Inputs) => Tensor): [loss: number, x: number[], unused: number[]] {
  const { loss, gradients } = valueAndGrad((inputs) => ({ loss: f(inputs), aux: {} }), inputs());
  return [loss.dataSync()[0], [...gradients.x.dataSync()], [...gradients.unused.dataSync()]];
}

Deno.test("what is recomputed runs once, and once more where a gradient is taken", () => {
  let runs = 0;
  const cube = recompute(({ x }: { readonly x: Tensor }) => {
    runs++;
    return { y: tf.mul(tf.square(x), x) };
  });
  assertEquals([...cube({ x: tf.tensor1d([2, 3]) }).y.dataSync()], [8, 27]);
  assertEquals(runs, 1);
  assertEquals(numbers(({ x }) => tf.sum(cube({ x }).y)), [36, [3, 12, 27], [0]]);
  assertEquals(runs, 3);
});

Deno.test("an input, or one tensor twice, may be an output; what is not used has the gradient zero", () => {
  const f = recompute(({ x, unused }: Inputs) => {
    const y = tf.square(x);
    return { x, y, same: y, whole: tf.cast(x, "int32"), unused };
  });
  const outputs = f(inputs());
  assertEquals([...outputs.whole.dataSync()], [1, 2, 3]);
  assertEquals(outputs.whole.dtype, "int32");
  // x + 2 x^2 through one input given twice.
  const loss = ({ x }: Inputs) => {
    const { x: same, y, same: again } = f({ x, unused: x });
    return tf.sum(tf.add(same, tf.add(y, again)));
  };
  assertEquals(numbers(loss), [34, [5, 9, 13], [0]]);
  assertEquals(numbers(({ x, unused }) => tf.sum(f({ x, unused }).y)), [14, [2, 4, 6], [0]]);
});

Deno.test("a function that takes a gradient itself may be recomputed", () => {
  // By the inner gradient, y = 2 x: a constant to the outer one, as every gradient is.
  const f = recompute(({ x }: { readonly x: Tensor }) => {
    const { gradients } = valueAndGrad(({ x }) => ({ loss: tf.sum(tf.square(x)), aux: {} }), { x });
    return { y: tf.mul(gradients.x, 3), x };
  });
  assertEquals([...f({ x: tf.tensor1d([1, 2, 3]) }).y.dataSync()], [6, 12, 18]);
  assertEquals(numbers(({ x }) => tf.sum(f({ x }).y))[0], 36);
});

Deno.test("a gradient through what is recomputed leaves nothing alive, nor does a function that fails", () => {
  const square = recompute(recompute(({ x }: { readonly x: Tensor }) => ({ x: tf.square(x) })));
  const failing = recompute(({ x }: { readonly x: Tensor }): { readonly x: Tensor } => {
    tf.square(x);
    throw new RangeError("of its own");
  });
  const run = (part: typeof square) =>
    scope(() => {
      valueAndGrad((input: { readonly x: Tensor }) => ({ loss: tf.sum(part(square(input)).x), aux: {} }), {
        x: tf.tensor1d([1, 2]),
      });
    });
  const before = liveTensors();
  run(square);
  assertEquals(liveTensors(), before);
  assertThrows(() => run(failing), RangeError, "of its own");
  assertEquals(numbers(({ x }) => tf.sum(square({ x }).x)), [14, [2, 4, 6], [0]]); // and gradients go on
});

Deno.test("trees are refused by path where they hold something else", () => {
  assertThrows(() => recompute((x: Tree) => x)({ a: 3 } as unknown as Tree), TypeError, `at "a"`);
  assertThrows(() => recompute(() => ({ b: 3 }) as unknown as Tree)({}), TypeError, `at "b"`);
});

Deno.test("a recomputed layer moves its statistics once, and hands the same ones on in evaluation", () => {
  scope(() => {
    const layer = recomputed(batchNorm({ momentum: 0.5 }));
    const network = initial(layer, [1]);
    const x = tf.tensor2d([[2], [4]]);
    const after = (step: (params: typeof network.params) => Tree) => jit(step)(network.params) as { buffers: Tree };
    const { buffers } = after((params) =>
      valueAndGrad((params) => {
        const { output, buffers } = layer.apply({ params, buffers: network.buffers }, x, { training: true });
        return { loss: tf.sum(tf.square(output)), aux: { buffers } };
      }, params).aux
    );
    const { running_mean, running_var } = buffers as { running_mean: Tensor; running_var: Tensor };
    assertEquals(running_mean.dataSync()[0], 1.5); // halfway from 0 to 3
    assertEquals(running_var.dataSync()[0], 1.5); // halfway from 1 to 2
    assert(layer.apply(network, x, { training: false }).buffers === network.buffers);
  });
});

Deno.test("an error inside a recomputed layer names its place", () => {
  const layer = sequential({ block: recomputed(sequential({ first: dense({ features: 2 }) })) });
  const network = initial(layer, [3]);
  assertThrows(
    () => layer.apply(network, scattered([1, 4]), { training: true }),
    TypeError,
    `Cannot apply dense "block.first"`,
  );
});

for (const compiler of ["grappler", "xla"] as const) {
  Deno.test({
    name: `compiled, what is recomputed is not merged with the first run, which would keep it in memory (${compiler})`,
    // It is read from Linux's /proc, and a GPU's memory does not show there.
    ignore: Deno.build.os !== "linux" || Deno.env.get("MOCO_TEST_DEVICE") === "gpu",
    fn: async () => {
      const script = new URL("../support/recompute_memory.ts", import.meta.url).pathname;
      const { stdout } = await new Deno.Command("deno", { args: ["run", "--no-check", "-A", script, compiler] })
        .output();
      const { recomputed, plain } = JSON.parse(new TextDecoder().decode(stdout));
      assert(plain > 400, `${plain} MiB are less than the activations`);
      assert(recomputed < plain / 2, `${recomputed} MiB against ${plain}`);
    },
  });
}
