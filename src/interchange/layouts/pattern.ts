/**
 * Patterns of tensors' names. A pattern has holes: `{b}` takes a whole number, `{s+1}` a number that is one greater
 * than what stands in `{s}`, and `{value}` the name of a layer's tensor: weight, bias, running_mean or running_var.
 *
 *     "layer{s}.{b}.bn{n}.{value}"  <->  "res{s+1}.{b}.conv{n}.norm.{value}"
 *
 * @module
 */

/** What stands in the holes of a pattern, by their names. */
export type Holes = Readonly<Record<string, string>>;

type Hole = { readonly name: string; readonly offset: number };

const holeText = /\{([a-z]+)([+-]\d+)?\}/;
const known = new Map<string, { readonly expression: RegExp; readonly holes: readonly Hole[] }>();

/** What stands in the holes if a name matches this pattern, or undefined if it does not. */
export function holesIn(pattern: string, name: string): Holes | undefined {
  const { expression, holes } = compiled(pattern);
  const found = expression.exec(name);
  if (found === null) return undefined;
  return Object.fromEntries(holes.map(({ name, offset }, index) => [name, moved(found[index + 1], -offset)]));
}

/** The name that a pattern gives once its holes are filled. */
export function fill(pattern: string, holes: Holes): string {
  return pattern.split(/(\{[^}]+\})/).map((piece) => {
    const hole = holeText.exec(piece);
    return hole === null ? piece : moved(holes[hole[1]], Number(hole[2] ?? 0));
  }).join("");
}

function compiled(pattern: string) {
  const before = known.get(pattern);
  if (before !== undefined) return before;
  const holes: Hole[] = [];
  const pieces = pattern.split(/(\{[^}]+\})/).map((piece) => {
    const hole = holeText.exec(piece);
    if (hole === null) return piece.replaceAll(".", "\\.");
    holes.push({ name: hole[1], offset: Number(hole[2] ?? 0) });
    return hole[1].length === 1 ? "(\\d{1,4})" : "(weight|bias|running_mean|running_var)"; // numbers have one letter
  });
  const made = { expression: new RegExp(`^${pieces.join("")}$`), holes };
  known.set(pattern, made);
  return made;
}

function moved(text: string, offset: number): string {
  return offset === 0 ? text : `${Number(text) + offset}`;
}
