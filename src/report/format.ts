import { percent } from "../core/percent.ts";
import { renderDuration } from "../train/progress.ts";

/** A share as a percentage for a chart's axis. */
export function share(value: number | undefined): number | undefined {
  return value === undefined ? undefined : 100 * value;
}

/** A share as text: `0.8512` is "85.1 %"; what is missing is a dash. */
export function percentOrDash(value: number | undefined): string {
  return value === undefined ? "–" : percent(value);
}

/** A whole number with its thousands separated. */
export function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A number with three significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A number a second: below 10 with a decimal. */
export function rate(value: number): string {
  return value < 10 ? value.toFixed(1) : whole(value);
}

/** Seconds as minutes and seconds; from an hour on, as hours and minutes. */
export function duration(seconds: number): string {
  if (Math.round(seconds) >= 3600) return renderDuration(seconds);
  const [minutes, rest] = [Math.floor(Math.round(seconds) / 60), Math.round(seconds) % 60];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}
