/** Sets that grow together: which of N things are connected, by pairs. */
export type UnionFind = {
  /** Connects two things, and with them everything that either is connected with. */
  readonly join: (first: number, second: number) => void;
  /** The sets of two things or more: each in ascending order, the set with the least member first. */
  readonly groups: () => readonly (readonly number[])[];
};

/**
 * Disjoint sets over 0, 1, ..., count - 1, each thing in a set of its own at first. The smallest member stands for its
 * set, and paths are halved on the way.
 */
export function unionFind(count: number): UnionFind {
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  return {
    join: (first, second) => {
      const a = find(first), b = find(second);
      if (a < b) parent[b] = a;
      else parent[a] = b;
    },
    groups: () => {
      const members = new Map<number, number[]>();
      for (let i = 0; i < count; i++) {
        const root = find(i);
        const group = members.get(root);
        if (group === undefined) members.set(root, [i]); // the root is its least member, and comes first
        else group.push(i);
      }
      return [...members.values()].filter((group) => group.length > 1);
    },
  };
}
