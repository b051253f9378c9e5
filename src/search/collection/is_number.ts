/**
 * Whether a cell of a table is a number. A number that would not come back as it is written is a text: one with a zero
 * before it, or with more digits than float64 holds.
 */
export function isNumber(cell: string): boolean {
  const isDecimal = /^[-+]?(?:0|[1-9]\d*)?(?:\.\d*)?(?:e[-+]?\d+)?$/i.test(cell) && /\d/.test(cell);
  const value = Number(cell);
  return isDecimal && Number.isFinite(value) && (!/^[-+]?\d+$/.test(cell) || Number.isSafeInteger(value));
}
