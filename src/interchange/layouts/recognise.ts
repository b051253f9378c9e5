import { fill, holesIn } from "./pattern.ts";
import { type Layout, layouts, type Row } from "./table.ts";

/** Where a tensor of a file belongs: the tensor of ours, and which of the parts that lie one after another it is. */
export type Place = { readonly ours: string; readonly part: number };

/** A file's layout. */
export type Recognised = {
  readonly layout: Layout;
  /** The prefix of every name: `module.`, say. */
  readonly beginning: string;
  /** For each tensor of the file that the layout knows, where it belongs. */
  readonly places: ReadonlyMap<string, Place>;
  /** The other tensors. */
  readonly leftOver: readonly string[];
};

/** Prefixes of names that are tried for a layout, the shortest first. */
const TRIED = 6;

/**
 * The layout that knows most of a file's tensors.
 *
 * @param names The names of the file's tensors.
 * @returns Undefined where no layout knows any.
 */
export function recognise(names: readonly string[]): Recognised | undefined {
  let best: Recognised | undefined;
  for (const layout of layouts) {
    const beginnings = names
      .filter((name) => name === layout.anchor || name.endsWith(`.${layout.anchor}`))
      .map((name) => name.slice(0, name.length - layout.anchor.length))
      .toSorted((a, b) => a.length - b.length)
      .slice(0, TRIED);
    for (const beginning of beginnings) {
      const found = placed(layout, beginning, names);
      if (best === undefined || found.places.size > best.places.size) best = found;
    }
  }
  return best;
}

function placed(layout: Layout, beginning: string, names: readonly string[]): Recognised {
  const places = new Map<string, Place>();
  const leftOver: string[] = [];
  for (const name of names) {
    const place = name.startsWith(beginning) ? placeOf(layout.rows, name.slice(beginning.length)) : undefined;
    if (place === undefined) leftOver.push(name);
    else places.set(name, place);
  }
  return { layout, beginning, places, leftOver };
}

function placeOf(rows: readonly Row[], name: string): Place | undefined {
  for (const { ours, theirs } of rows) {
    for (const [part, pattern] of theirs.entries()) {
      const holes = holesIn(pattern, name);
      if (holes !== undefined) return { ours: fill(ours, holes), part };
    }
  }
}

/** What a tensor of ours is called in a layout: the names of its parts. Undefined if the layout has no place for it. */
export function namesIn(layout: Layout, ours: string): readonly string[] | undefined {
  for (const row of layout.rows) {
    const holes = holesIn(row.ours, ours);
    if (holes !== undefined) return row.theirs.map((pattern) => fill(pattern, holes));
  }
}
