/** The multiples of a unit next to a value, in words: `64 or 128`. */
export function neighbours(value: number, unit: number): string {
  const below = Math.floor(value / unit) * unit;
  return below === 0 ? String(unit) : `${below} or ${below + unit}`;
}
