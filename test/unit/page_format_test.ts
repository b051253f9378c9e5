import { assertEquals } from "@std/assert";
import { formatNumber, formatTime } from "../../src/serve/page/format.ts";

Deno.test("a number keeps what is known of it, however small or large it is", () => {
  const written = [0, 1_234, 0.4567, 0.0004, -0.00012, 12.3456, 123_456.7, NaN].map(formatNumber);
  assertEquals(written, ["0", "1,234", "0.457", "4.00e-4", "-1.20e-4", "12.346", "123,460", "–"]);
});

Deno.test("a time is that of the reader's clock, and one that is too far off is none", () => {
  assertEquals(formatTime(new Date(2026, 10, 8, 9, 5).getTime()), "2026-11-08 09:05");
  assertEquals(formatTime(9e15), "–");
});
