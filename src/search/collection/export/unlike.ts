/**
 * The name of a joined column among others: "column." stands before it, as often as another one is called so. The name
 * is taken from then on.
 *
 * @param taken The names of the other columns.
 * @param name The column's own name.
 */
export function unlike(taken: Set<string>, name: string): string {
  if (taken.has(name)) return unlike(taken, `column.${name}`);
  taken.add(name);
  return name;
}
