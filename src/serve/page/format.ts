/** A number for a reader: whole ones in groups of three digits, others with three significant digits. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Math.abs(value) < 10 ? value.toFixed(3) : value.toLocaleString("en", { maximumSignificantDigits: 5 });
}

/** A number of bytes. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString("en", { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}

/** A time. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ");
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
