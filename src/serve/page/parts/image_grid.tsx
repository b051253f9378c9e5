/**
 * Images side by side. Only those in view are there, so that any number of them scrolls smoothly.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { active, chosen, open, toggle } from "../state/chosen.ts";
import { columnOf, detailsOf } from "../state/collection.ts";
import { order } from "../state/filters.ts";
import { formatNumber } from "../format.ts";
import { Thumbnail } from "./thumbnail.tsx";

/** What a grid shows. */
export type ImageGridProps = {
  /** The rows, in order. */
  readonly rows: Int32Array;
  /** What the grid is called. */
  readonly label: string;
  /** The width of a tile at least, pixels. */
  readonly tile?: number;
  /** Whether these are other rows than those of the images' view. */
  readonly isOwn?: boolean;
};

/** No element of a page may be higher, pixels; some browsers end at 17 million. */
const HIGHEST = 16_000_000;

/** A grid of images, moved through with the arrow keys. */
export function ImageGrid({ rows, label, tile = 116, isOwn = false }: ImageGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  const top = useSignal(0);
  const lastPlace = useRef(0); // of the image in focus, while it was shown
  useEffect(() => {
    const observed = new ResizeObserver(([{ contentRect: { width, height } }]) => size.value = { width, height });
    observed.observe(scroller.current!);
    return () => observed.disconnect();
  }, []);

  const across = Math.max(2, Math.floor(size.value.width / tile));
  const side = size.value.width / across;
  const lines = Math.ceil(rows.length / across);
  const whole = lines * side;
  const height = Math.min(whole, HIGHEST);
  // Where the whole is higher than a page can be, scrolling moves faster than the hand.
  const stretch = whole > height ? (whole - size.value.height) / (height - size.value.height) : 1;
  const offset = top.value * stretch;
  const first = Math.max(0, Math.floor(offset / side) - 2);
  const last = Math.min(lines, Math.ceil((offset + size.value.height) / side) + 2);
  const visible = Array.from(
    { length: Math.max(0, Math.min(rows.length, last * across) - first * across) },
    (_, place) => first * across + place,
  );

  const show = (place: number): void => {
    const line = Math.floor(place / across) * side;
    const element = scroller.current!;
    if (line < offset) element.scrollTop = line / stretch;
    else if (line + side > offset + size.value.height) element.scrollTop = (line + side - size.value.height) / stretch;
  };
  const enlarge = (row: number): void => open(row, isOwn ? rows : undefined);
  const placeOf = (row: number): number => rows.indexOf(row);
  const go = (to: number, isExtending: boolean): void => {
    if (rows.length === 0) return;
    const place = Math.max(0, Math.min(rows.length - 1, to));
    if (isExtending) {
      const before = placeOf(active.value);
      const from = before < 0 ? place : before; // the image in focus may be one that is not shown
      chosen.value = new Set([...chosen.value, ...rows.subarray(Math.min(from, place), Math.max(from, place) + 1)]);
    }
    active.value = rows[place];
    show(place);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const found = placeOf(active.value);
    const isGone = active.value >= 0 && found < 0; // another one has taken its place
    const here = isGone ? Math.min(lastPlace.current, rows.length - 1) : Math.max(0, found);
    const page = across * Math.max(1, Math.floor(size.value.height / side) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: here - 1,
      ArrowRight: isGone ? here : here + 1,
      ArrowUp: here - across,
      ArrowDown: here + across,
      PageUp: here - page,
      PageDown: here + page,
      Home: 0,
      End: rows.length - 1,
    };
    if (Object.hasOwn(moves, event.key)) go(active.value < 0 ? 0 : moves[event.key], event.shiftKey);
    else if (event.key === " " && active.value >= 0) toggle(active.value);
    else if (event.key === "Enter" && active.value >= 0) enlarge(active.value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const press = (event: MouseEvent, row: number): void => {
    if (event.shiftKey) return go(placeOf(row), true);
    active.value = row;
    if (event.ctrlKey || event.metaKey) return toggle(row);
  };

  const activePlace = active.value < 0 ? -1 : placeOf(active.value);
  if (activePlace >= 0) lastPlace.current = activePlace;
  const isThere = activePlace >= first * across && activePlace < last * across;
  const sorted = order.value === null ? undefined : columnOf(order.value.column);
  return (
    <div
      ref={scroller}
      class="grid"
      role="listbox"
      aria-label={label}
      aria-multiselectable="true"
      aria-activedescendant={isThere ? `image-${active.value}` : undefined}
      tabIndex={0}
      onScroll={({ currentTarget }) => top.value = currentTarget.scrollTop}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (activePlace < 0 && rows.length > 0) active.value = rows[visible[0] ?? 0];
      }}
    >
      <div class="spacer" role="presentation" style={{ height: `${height}px` }}>
        {visible.map((place) => {
          const row = rows[place];
          const line = Math.floor(place / across);
          const isChosen = chosen.value.has(row);
          const tags = detailsOf(row)?.tags ?? [];
          return (
            <div
              key={row}
              id={`image-${row}`}
              class={`tile${isChosen ? " chosen" : ""}${row === active.value ? " active" : ""}`}
              role="option"
              aria-selected={isChosen}
              aria-setsize={rows.length}
              aria-posinset={place + 1}
              style={{
                width: `${side}px`,
                height: `${side}px`,
                transform: `translate(${(place % across) * side}px, ${line * side - offset + top.value}px)`,
              }}
              onClick={(event) => press(event, row)}
              onDblClick={() => enlarge(row)}
            >
              <Thumbnail row={row} />
              {sorted !== undefined && sorted.kind === "number" && (
                <span class="figure">{formatNumber(sorted.numbers[row])}</span>
              )}
              {tags.length > 0 && <span class="tags">{tags.join(", ")}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}
