/** Numbers in nested arrays and records. */
export type Nested = number | Nested[] | { [name: string]: Nested };

/**
 * The derivative of a float64 function by each of its numbers, by central differences:
 * (f(x + h) - f(x - h)) / 2h, whose error is of the order h^2.
 *
 * @returns The structure of `at`.
 */
export function slopes<T>(f: (at: T) => number, at: T, h: number = 1e-5): T {
  const point = structuredClone(at) as Nested;
  const value = () => f(point as T);
  const visit = (parent: Record<string, Nested>): Nested[] | { [name: string]: Nested } => {
    const entries = Object.entries(parent).map(([name, node]): [string, Nested] => {
      if (typeof node !== "number") return [name, visit(node as Record<string, Nested>)];
      parent[name] = node + h;
      const above = value();
      parent[name] = node - h;
      const below = value();
      parent[name] = node;
      return [name, (above - below) / (2 * h)];
    });
    return Array.isArray(parent) ? entries.map(([, slope]) => slope) : Object.fromEntries(entries);
  };
  return visit(point as Record<string, Nested>) as T;
}
