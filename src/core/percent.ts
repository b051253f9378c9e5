/** A share as a percentage with one decimal: `87.3 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
