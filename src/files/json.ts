/**
 * The one check of JSON that `JSON.parse` does not make.
 *
 * @module
 */

/**
 * The first name that comes twice in one object of a JSON text, or undefined where none does. `JSON.parse` keeps the
 * last of them in silence.
 *
 * @param text Valid JSON.
 */
export function repeatedName(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // a set of names for an object, nothing for an array
  for (const [token, separator] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (separator !== undefined) {
      const name = JSON.parse(token.slice(0, -separator.length)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}
