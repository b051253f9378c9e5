/**
 * The nearest known name to one that is not known.
 *
 * @module
 */

/**
 * The candidate with the fewest edits (insertions, deletions, substitutions and swaps of neighbours) from `word`,
 * letter case and separators aside, or undefined where none is near: more than 40 % of the letters would change.
 *
 * @param word What was written.
 * @param candidates The names that exist.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_. ]/g, "");
  const written = plain(word);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of candidates) {
    const known = plain(name);
    const most = 0.4 * Math.max(written.length, known.length);
    if (Math.abs(written.length - known.length) > most) continue; // each letter more is an edit
    const distance = editDistance(written, known);
    if (distance <= most && (!best || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** The optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? rows[i - 2][j - 2] + 1 : Infinity;
      row.push(Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, substitution, swap));
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
