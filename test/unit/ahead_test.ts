import { assertEquals, assertThrows } from "@std/assert";
import { liveTensors } from "../../src/core/scope.ts";
import { ahead, EngineError, jit, op, type Tensor, tf } from "../../src/engine/mod.ts";

const cubed = jit((x: Tensor) => tf.mul(x, tf.square(x)));
const finite = jit((x: Tensor) => tf.reshape(op("CheckNumerics", [x], { message: "not finite" })[0], [2]));

Deno.test("what runs ahead gives the values that it would give, in any number and mixed with others", () => {
  const before = liveTensors();
  const numbers = tf.tensor1d([1, 2, 3]);
  const begun = Array.from({ length: 8 }, () => ahead(() => cubed(numbers)));
  const now = cubed(numbers);
  const sum = tf.add(begun[0], now);
  assertEquals(begun.map((result) => [...result.dataSync()]), Array(8).fill([1, 8, 27]));
  assertEquals([...sum.dataSync()], [2, 16, 54]);
  const halves = ahead(() => tf.mul(numbers, 0.5)); // an op by itself
  assertEquals([...halves.dataSync()], [0.5, 1, 1.5]);
  [numbers, ...begun, now, sum, halves].forEach((tensor) => tensor.dispose());
  assertEquals(liveTensors(), before);
});

Deno.test("what runs in several threads gives its values, and what needs another thread's result waits for it", () => {
  const numbers = tf.tensor1d([1, 2, 3]);
  const begun = Array.from({ length: 6 }, (_, call) => ahead(() => cubed(numbers), call % 2));
  const next = begun.map((result, call) => ahead(() => cubed(result), (call + 1) % 2));
  assertEquals(next.map((result) => [...result.dataSync()]), Array(6).fill([1, 512, 19_683]));
  [numbers, ...begun, ...next].forEach((tensor) => tensor.dispose());
});

Deno.test("a tensor may be freed while what uses it runs ahead", () => {
  const numbers = tf.tensor1d([1, 2, 3]);
  const result = ahead(() => cubed(numbers));
  numbers.dispose();
  assertEquals([...result.dataSync()], [1, 8, 27]);
  result.dispose();
});

Deno.test("what goes wrong ahead is thrown where its result is read, and what follows goes on", () => {
  const [bad, good] = [tf.tensor1d([1, NaN]), tf.tensor1d([1, 2])];
  assertThrows(() => finite(bad), EngineError, "not finite"); // at once, if it does not run ahead
  for (let time = 0; time < 2; time++) {
    const failed = ahead(() => finite(bad));
    assertEquals(failed.shape, [2]);
    assertThrows(() => failed.dataSync(), EngineError, "not finite");
    const next = ahead(() => finite(good));
    assertEquals([...next.dataSync()], [1, 2]);
    [failed, next].forEach((tensor) => tensor.dispose());
  }
  [bad, good].forEach((tensor) => tensor.dispose());
});
