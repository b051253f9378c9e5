/**
 * Which images are shown and in which order, and what is done with those that are chosen.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ColumnInfo } from "../../messages.ts";
import { chosen, saveSelection } from "../state/chosen.ts";
import { columnOf, columns, count, selections, tags } from "../state/collection.ts";
import {
  clearFilters,
  type Filter,
  filters,
  isFiltered,
  order,
  pathText,
  region,
  removeFilter,
  rows,
  selectionName,
  setFilter,
  tagged,
} from "../state/filters.ts";
import { rangeOf } from "../map/colours.ts";
import { exportImages } from "../state/export.ts";
import { ask } from "../state/prompt.ts";
import { counted, formatValue } from "../format.ts";
import { Menu } from "./menu.tsx";
import { askForTag } from "./tagging.ts";

/** The bar above the images. */
export function FilterBar() {
  const shown = rows.value;
  const some = chosen.value.size > 0 ? [...chosen.value] : shown;
  return (
    <div class="bar">
      <input
        type="search"
        class="grow"
        aria-label="Text in the path"
        placeholder="Text in the path"
        value={pathText.value}
        onInput={({ currentTarget }) => pathText.value = currentTarget.value}
      />
      <Menu label="Filter" isOn={filters.value.length > 0}>
        {columns.value.map((column) => <ColumnFilter key={column.id} column={column} />)}
      </Menu>
      <label class="field">
        <span class="only-read">Sort by</span>
        <select
          value={order.value?.column ?? ""}
          onChange={({ currentTarget: { value } }) => {
            order.value = value === "" ? null : { column: value, descending: isBestHigh(value) };
          }}
        >
          <option value="">Collection order</option>
          {columns.value.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
      <button
        type="button"
        class="icon"
        disabled={order.value === null}
        aria-label={order.value?.descending ? "Sorted from high to low" : "Sorted from low to high"}
        title={order.value?.descending ? "High to low" : "Low to high"}
        onClick={() => {
          if (order.value !== null) order.value = { ...order.value, descending: !order.value.descending };
        }}
      >
        {order.value?.descending ? "↓" : "↑"}
      </button>
      {tags.value.length > 0 && (
        <label class="field">
          <span class="only-read">Tag</span>
          <select value={tagged.value} onChange={({ currentTarget: { value } }) => tagged.value = value}>
            <option value="">Any tag</option>
            {tags.value.map(({ name, count }) => <option key={name} value={name}>{name} ({count})</option>)}
          </select>
        </label>
      )}
      {selections.value.length > 0 && (
        <label class="field">
          <span class="only-read">Saved selection</span>
          <select value={selectionName.value} onChange={({ currentTarget: { value } }) => selectionName.value = value}>
            <option value="">All images</option>
            {selections.value.map(({ name, count }) => <option key={name} value={name}>{name} ({count})</option>)}
          </select>
        </label>
      )}
      <div class="status" role="status">
        {chosen.value.size > 0
          ? `${chosen.value.size.toLocaleString("en")} chosen`
          : isFiltered.value
          ? `${shown.length.toLocaleString("en")} of ${counted(count.value)}`
          : counted(count.value)}
      </div>
      <Chips />
      <div class="actions">
        <button type="button" onClick={() => askForTag(some)}>Tag</button>
        <button
          type="button"
          onClick={() => ask("Save these images as", "", (name) => saveSelection([...some], name))}
        >
          Save
        </button>
        <Menu label="Export">
          <button type="button" onClick={() => exportImages(some, "csv")}>CSV, for tables</button>
          <button type="button" onClick={() => exportImages(some, "json")}>JSON</button>
        </Menu>
      </div>
    </div>
  );
}

/** Where high numbers are what one looks for. */
function isBestHigh(column: string): boolean {
  return column === "similarity" || column === "outlier";
}

/** What leaves images out, each with a cross that takes it away. */
function Chips() {
  const named = (column: string): string => columns.value.find(({ id }) => id === column)?.name ?? column;
  const chips: readonly { readonly text: string; readonly remove: () => void }[] = [
    ...filters.value.map((filter) => ({
      text: `${named(filter.column)}: ${inWords(filter)}`,
      remove: () => removeFilter(filter.column),
    })),
    ...region.value.length > 0 ? [{ text: "A region of the map", remove: () => region.value = [] }] : [],
    ...chosen.value.size > 0
      ? [{ text: `${chosen.value.size.toLocaleString("en")} chosen`, remove: () => chosen.value = new Set() }]
      : [],
  ];
  if (chips.length === 0 && !isFiltered.value) return null;
  return (
    <div class="chips">
      {chips.map(({ text, remove }) => (
        <button key={text} type="button" class="chip" aria-label={`Remove: ${text}`} onClick={remove}>
          {text} <span aria-hidden="true">×</span>
        </button>
      ))}
      {isFiltered.value && <button type="button" class="chip plain" onClick={clearFilters}>Show all</button>}
    </div>
  );
}

function inWords(filter: Filter): string {
  if ("texts" in filter) {
    const [first, ...others] = filter.texts.map((text) => text === "" ? "none" : text);
    return others.length === 0 ? first : `${first} and ${others.length} more`;
  }
  const [from, to] = [filter.from, filter.to].map((bound) =>
    bound === undefined ? undefined : formatValue(filter.column, bound)
  );
  return from === undefined ? `up to ${to}` : to === undefined ? `from ${from}` : `${from} to ${to}`;
}

/** The most texts of a column that are offered. */
const CHOICES = 100;

/** The condition on one column: a range of numbers, or some of its texts. */
function ColumnFilter({ column: { id, name, kind } }: { readonly column: ColumnInfo }) {
  const isOpen = useSignal(false);
  if (kind === "order") return null;
  const column = isOpen.value ? columnOf(id) : undefined;
  const filter = filters.value.find((one) => one.column === id);
  return (
    <details onToggle={({ currentTarget }) => isOpen.value = currentTarget.open}>
      <summary>{name}{filter !== undefined && <span class="muted">{inWords(filter)}</span>}</summary>
      {column !== undefined && kind === "number" && <RangeFilter id={id} numbers={column.numbers} />}
      {column?.texts !== undefined && (
        <div class="choices">
          {[...column.texts.slice(0, CHOICES), ...column.numbers.includes(-1) ? [""] : []].map((text) => {
            const texts = filter !== undefined && "texts" in filter ? filter.texts : [];
            return (
              <label key={text}>
                <input
                  type="checkbox"
                  checked={texts.includes(text)}
                  onChange={({ currentTarget: { checked } }) => {
                    const next = [...texts.filter((one) => one !== text), ...checked ? [text] : []];
                    if (next.length === 0) removeFilter(id);
                    else setFilter({ column: id, texts: next });
                  }}
                />
                {text === "" ? "none" : text}
              </label>
            );
          })}
          {column.texts.length > CHOICES && (
            <p class="muted">and {(column.texts.length - CHOICES).toLocaleString("en")} more</p>
          )}
        </div>
      )}
    </details>
  );
}

function RangeFilter({ id, numbers }: { readonly id: string; readonly numbers: ArrayLike<number> }) {
  const filter = filters.value.find((one) => one.column === id);
  const [low, high] = rangeOf(numbers);
  const bounds: Range = filter === undefined || "texts" in filter ? {} : { from: filter.from, to: filter.to };
  const set = (bound: keyof Range, text: string): void => {
    const { from, to }: Range = { ...bounds, [bound]: text === "" ? undefined : Number(text) };
    if (from === undefined && to === undefined) removeFilter(id);
    else setFilter({ column: id, ...from === undefined ? {} : { from }, ...to === undefined ? {} : { to } });
  };
  const input = (bound: keyof Range, placeholder: number) => (
    <input
      type="number"
      step="any"
      aria-label={bound === "from" ? "At least" : "At most"}
      placeholder={`${Number(placeholder.toPrecision(4))}`}
      value={bounds[bound] ?? ""}
      onChange={({ currentTarget: { value } }) => set(bound, value)}
    />
  );
  return <div class="range">{input("from", low)} to {input("to", high)}</div>;
}

/** The least and the greatest number that is shown. */
type Range = { readonly from?: number; readonly to?: number };
