/**
 * Groups of images that are nearly the same.
 *
 * @module
 */

/** Two images and how similar they are. */
export type Pair = { readonly first: number; readonly second: number; readonly similarity: number };

/** Images that are nearly the same, and the greatest similarity of two of them. */
export type Group = { readonly rows: readonly number[]; readonly similarity: number };

/** The groups that pairs join, the most similar first. */
export function groupsOf(pairs: readonly Pair[], threshold: number, count: number): readonly Group[] {
  const parent = Int32Array.from({ length: count }, (_, row) => row);
  const root = (row: number): number => {
    while (parent[row] !== row) row = parent[row] = parent[parent[row]];
    return row;
  };
  const near = pairs.filter(({ similarity }) => similarity >= threshold);
  for (const { first, second } of near) parent[root(first)] = root(second);
  const members = new Map<number, Set<number>>();
  const best = new Map<number, number>();
  for (const { first, second, similarity } of near) {
    const group = root(first);
    members.set(group, (members.get(group) ?? new Set()).add(first).add(second));
    best.set(group, Math.max(best.get(group) ?? 0, similarity));
  }
  return [...members].map(([group, rows]) => ({ rows: [...rows].sort((a, b) => a - b), similarity: best.get(group)! }))
    .sort((a, b) => b.similarity - a.similarity || a.rows[0] - b.rows[0]);
}
