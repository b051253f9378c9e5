/**
 * A number for a reader: whole ones in groups of three digits, those below 10 with three decimals, others with five
 * digits, and those of which three decimals would leave nothing as a power of ten.
 */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size < 0.001) return value.toExponential(2);
  return size < 10 ? value.toFixed(3) : value.toLocaleString("en", { maximumSignificantDigits: 5 });
}

/** A number of bytes. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString("en", { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}

/** A time where the reader is, as in "2026-11-28 14:03". */
export function formatTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return "–"; // further off than times go
  return time.toLocaleString("sv", { dateStyle: "short", timeStyle: "short" }); // Sweden writes years first
}

/** "1 image", "1,234 images". */
export function counted(count: number, noun: string = "image"): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The value of a column as the reader knows it. */
export function formatValue(column: string, value: number): string {
  if (column === "bytes") return formatBytes(value);
  if (column === "modified") return value > 0 ? formatTime(value) : "–";
  return formatNumber(value);
}
