/**
 * What the colours of the map mean, and which of them are shown.
 *
 * @module
 */
import { signal, useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { COLOURED, colourOfShare, colourOfText, css, NONE, rangeOf } from "../map/colours.ts";
import { columnOf, columns } from "../state/collection.ts";
import { filterOn, removeFilter, setFilter } from "../state/filters.ts";
import { colourBy, colourColumn } from "../state/map.ts";
import { formatValue } from "../format.ts";

/** The most texts that are listed. */
const LISTED = 200;

/** Where the window is wide, the legend has no button to open it by. */
const isWide = matchMedia("(min-width: 761px)");
const isOpen = signal(isWide.matches);
isWide.addEventListener("change", () => isOpen.value = isWide.matches);

/** The legend. A press on a text shows its images alone; with Ctrl or Shift, beside those that are shown already. */
export function Legend() {
  const column = columnOf(colourBy.value);
  const counts = useComputed(() => {
    const found = new Map<number, number>();
    const values = columnOf(colourBy.value);
    if (values?.kind === "text") { for (const value of values.numbers) found.set(value, (found.get(value) ?? 0) + 1); }
    return found;
  });
  const chooser = (
    <label class="field">
      <span>Colour by</span>
      <select value={colourBy.value} onChange={({ currentTarget }) => colourColumn.value = currentTarget.value}>
        <option value="">One colour</option>
        {columns.value.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
      </select>
    </label>
  );
  if (column === undefined) return <Frame>{chooser}</Frame>;
  if (column.kind !== "text") {
    const [low, high] = rangeOf(column.numbers);
    const stops = Array.from({ length: 9 }, (_, stop) => css(colourOfShare(stop / 8))).join(", ");
    return (
      <Frame>
        {chooser}
        <div class="ramp" style={{ background: `linear-gradient(to right, ${stops})` }} />
        {column.kind === "number" && (
          <div class="ends">
            <span>{formatValue(column.id, low)}</span>
            <span>{formatValue(column.id, high)}</span>
          </div>
        )}
      </Frame>
    );
  }
  const filter = filterOn(column.id);
  const isolated = filter !== undefined && "texts" in filter ? filter.texts : [];
  const press = (text: string, isAdded: boolean): void => {
    const others = isolated.filter((one) => one !== text);
    const isThere = others.length < isolated.length;
    const next = isAdded ? [...others, ...isThere ? [] : [text]] : isThere && others.length === 0 ? [] : [text];
    if (next.length === 0) removeFilter(column.id);
    else setFilter({ column: column.id, texts: next });
  };
  const entries = [
    ...(column.texts ?? []).slice(0, LISTED).map((text, place) => ({ text, place, name: text })),
    ...counts.value.has(-1) ? [{ text: "", place: -1, name: "None" }] : [],
  ];
  return (
    <Frame>
      {chooser}
      <ul>
        {entries.map(({ text, place, name }) => (
          <li key={place}>
            <button
              type="button"
              aria-pressed={isolated.includes(text)}
              class={isolated.length > 0 && !isolated.includes(text) ? "faint" : ""}
              onClick={(event) => press(text, event.ctrlKey || event.metaKey || event.shiftKey)}
            >
              <span
                class="dot"
                style={{ background: css(place >= 0 && place < COLOURED ? colourOfText(place) : NONE) }}
              />
              <span class="name">{name}</span>
              <span class="muted">{(counts.value.get(place) ?? 0).toLocaleString("en")}</span>
            </button>
          </li>
        ))}
      </ul>
      {(column.texts?.length ?? 0) > LISTED && (
        <p class="muted">and {((column.texts?.length ?? 0) - LISTED).toLocaleString("en")} more</p>
      )}
    </Frame>
  );
}

/** The panel of the legend. On a narrow screen it is closed at first. */
function Frame({ children }: { readonly children: ComponentChildren }) {
  return (
    <details
      class="legend"
      open={isOpen.value}
      onToggle={({ currentTarget }) => isOpen.value = currentTarget.open}
    >
      <summary>Colours</summary>
      <div class="inside">{children}</div>
    </details>
  );
}
