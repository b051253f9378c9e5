/**
 * Numbers as places on an axis.
 *
 * @module
 */

/** An axis: from a value to its place, and the values that are written beside it. */
export type Scale = { readonly place: (value: number) => number; readonly ticks: readonly number[] };

/**
 * An axis of equal steps, or of equal factors.
 *
 * @param range The least and the greatest value; above 0 where it is logarithmic.
 * @param ends The places of the two.
 * @param isLog Whether it is logarithmic.
 */
export function scaleOf(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  isLog: boolean,
): Scale {
  const bend = isLog ? Math.log10 : (value: number) => value;
  const width = bend(high) - bend(low) || 1;
  const place = (value: number): number => from + (bend(value) - bend(low)) / width * (to - from);
  return { place, ticks: isLog ? logTicks(low, high) : linearTicks(low, high) };
}

/** Round values between two, about five of them. */
export function linearTicks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 5;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/**
 * Powers of ten between two values, with their double and fivefold where those are few; equal steps where hardly one of
 * them lies between.
 */
export function logTicks(low: number, high: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const factors = last - first <= 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil((last - first) / 6));
  const powers = Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, at) => first + at * stride);
  const ticks = powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
    .filter((tick) => tick >= low && tick <= high);
  return ticks.length < 2 ? linearTicks(low, high) : ticks;
}

/** The least and the greatest of some values, with a little room; what cannot be drawn is left out. */
export function rangeOf(
  values: Iterable<number>,
  { isLog, fromZero }: { readonly isLog: boolean; readonly fromZero: boolean },
): readonly [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value) || (isLog && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return undefined;
  if (isLog) return [low / 1.1, high * 1.1];
  const start = fromZero ? Math.min(0, low) : low;
  const room = (high - start) * 0.05 || Math.abs(high) * 0.05 || 1;
  return [fromZero && low >= 0 ? start : start - room, high + room];
}

/** What is written beside an axis at one of its values, with all of its digits, so that no two are written alike. */
export function formatTick(value: number, isShare: boolean): string {
  const digits = { maximumSignificantDigits: 12 };
  if (isShare) return `${(100 * value).toLocaleString("en", digits)} %`;
  const size = Math.abs(value);
  const isPower = size !== 0 && (size < 0.001 || size >= 1e6);
  return isPower ? Number(value.toPrecision(12)).toExponential() : value.toLocaleString("en", digits);
}
