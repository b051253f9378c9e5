/**
 * The map beside the images that are chosen on it.
 *
 * @module
 */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Hovered, ImageMap } from "../map/image_map.tsx";
import { FilterBar } from "../parts/filter_bar.tsx";
import { ImageGrid } from "../parts/image_grid.tsx";
import { SearchStrip } from "../parts/search_strip.tsx";
import { Legend } from "../parts/legend.tsx";
import { MapHead } from "../parts/map_head.tsx";
import { count, encoder } from "../state/collection.ts";
import { clearFilters, isKnown, rows } from "../state/filters.ts";
import { besideMap, isDense, mainMap, mapped, type MapState, toggleBeside, tool } from "../state/map.ts";

/** How much of the width the map takes, per cent. */
const share = signal(Number(localStorage.getItem("moco-share") ?? 58));

/** The view. */
export function ImagesView() {
  const hasMap = encoder.value?.hasMap ?? false;
  const isTwo = besideMap.encoder.value !== undefined;
  return (
    <div class={hasMap ? "split" : "split alone"} style={{ "--share": `${share.value}%` }}>
      {hasMap && (
        <section class={isTwo ? "pane maps two" : "pane maps"} aria-label="Map">
          <OneMap map={mainMap}>
            <Toolbar />
            {!isTwo && <Legend />}
            <Hovered />
          </OneMap>
          {isTwo && <OneMap map={besideMap} />}
          {isTwo && <Legend />}
        </section>
      )}
      {hasMap && <Divider />}
      <section class="pane list" aria-label="Images">
        <SearchStrip />
        <FilterBar />
        {count.value === 0
          ? <p class="empty">This collection has no images yet. Fill it with moco embed.</p>
          : rows.value.length === 0
          ? (
            <div class="empty">
              <p>
                {isKnown.value
                  ? "No image meets every condition."
                  : "A filter uses values that are not there. They are still on their way, or this encoder has none."}
              </p>
              <button type="button" class="main" onClick={clearFilters}>Show all</button>
            </div>
          )
          : <ImageGrid rows={rows.value} label="Images" />}
        {!hasMap && count.value > 0 && (
          <p class="hint">There is no map yet. Make one with moco map, and load this page again.</p>
        )}
      </section>
    </div>
  );
}

/** A map with what lies over it, and above it whose it is. */
function OneMap({ map, children }: { readonly map: MapState; readonly children?: ComponentChildren }) {
  return (
    <div class="one-map">
      {mapped.value.length > 1 && <MapHead map={map} />}
      <div class="pane">
        <ImageMap map={map} />
        {map.points.value === undefined && <p class="empty over">Loading the map …</p>}
        {children}
      </div>
    </div>
  );
}

/** What is done on the map. */
function Toolbar() {
  const tools = [
    [
      "move",
      "Move",
      "M12 2v20M2 12h20M12 2l-3 3M12 2l3 3M12 22l-3-3M12 22l3-3M2 12l3-3M2 12l3 3M22 12l-3-3M22 12l-3 3",
    ],
    ["lasso", "Lasso (L)", "M12 4c5 0 9 2.5 9 6s-4 6-9 6-9-2.5-9-6 4-6 9-6zM7 15c-2 1-2 4 0 4s2 2 0 3"],
    ["rectangle", "Rectangle (R)", "M4 5h16v14H4z"],
  ] as const;
  return (
    <div class="toolbar" role="toolbar" aria-label="Map tools">
      {tools.map(([id, name, path]) => (
        <button
          key={id}
          type="button"
          class="icon"
          title={name}
          aria-label={name}
          aria-pressed={tool.value === id}
          onClick={() => tool.value = id}
        >
          <Icon path={path} />
        </button>
      ))}
      <button
        type="button"
        class="icon"
        title="Density"
        aria-label="Density"
        aria-pressed={isDense.value}
        onClick={() => isDense.value = !isDense.value}
      >
        <Icon path="M12 9a3 3 0 1 0 .01 0M12 5.5a6.5 6.5 0 1 0 .01 0M12 2a10 10 0 1 0 .01 0" />
      </button>
      <button
        type="button"
        class="icon"
        title="Show all (0)"
        aria-label="Show all"
        onClick={() => mainMap.place.value = besideMap.place.value = undefined}
      >
        <Icon path="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />
      </button>
      {mapped.value.length > 1 && (
        <button
          type="button"
          class="icon"
          title="Two encoders side by side"
          aria-label="Two encoders side by side"
          aria-pressed={besideMap.encoder.value !== undefined}
          onClick={toggleBeside}
        >
          <Icon path="M4 5h16v14H4zM12 5v14" />
        </button>
      )}
    </div>
  );
}

function Icon({ path }: { readonly path: string }) {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** The border between the map and the images, which can be moved. */
function Divider() {
  const set = (percent: number): void => {
    share.value = Math.max(20, Math.min(80, Math.round(percent)));
    localStorage.setItem("moco-share", `${share.value}`);
  };
  return (
    <div
      class="divider"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the map"
      aria-valuemin={20}
      aria-valuemax={80}
      aria-valuenow={share.value}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        set(100 * event.clientX / document.documentElement.clientWidth);
      }}
      onKeyDown={({ key }) => {
        if (key === "ArrowLeft") set(share.value - 4);
        if (key === "ArrowRight") set(share.value + 4);
      }}
    />
  );
}
