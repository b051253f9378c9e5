/**
 * The map of the collection: every image is a point, and becomes a picture as one comes near.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../format.ts";
import { pointed } from "../state/chosen.ts";
import { count, detailsOf, pictureAddress } from "../state/collection.ts";
import { type MapState, tool } from "../state/map.ts";
import { followGestures } from "./gestures.ts";
import { followMapKeys } from "./map_keys.ts";
import { mapView } from "./map_view.ts";
import { pointPainter } from "./point_painter.ts";

/** A map, with what the reader does on it. */
export function ImageMap({ map }: { readonly map: MapState }) {
  const canvases = {
    density: useRef<HTMLCanvasElement>(null),
    points: useRef<HTMLCanvasElement>(null),
    marks: useRef<HTMLCanvasElement>(null),
  };
  const fault = useSignal<string | undefined>(undefined);

  useEffect(() => {
    const painter = pointPainter(canvases.points.current!);
    if (painter === undefined) {
      fault.value = "The map needs WebGL 2, which this browser does not have. The grid works without it.";
      return;
    }
    const layers = {
      density: canvases.density.current!,
      points: canvases.points.current!,
      marks: canvases.marks.current!,
    };
    const view = mapView(layers, painter, map);
    const ends = [view.close, followGestures(layers.marks, view), followMapKeys(layers.marks, view)];
    return () => ends.forEach((end) => end());
  }, []);

  return (
    <div class="map">
      <canvas ref={canvases.density} class="layer density" aria-hidden="true" />
      <canvas ref={canvases.points} class="layer" aria-hidden="true" />
      <canvas
        ref={canvases.marks}
        class={`layer marks ${tool.value}`}
        tabIndex={0}
        role="application"
        aria-label={`Map of ${
          counted(count.value)
        } by ${map.encoder.value?.name}. Arrow keys move it, plus and minus zoom, ` +
          "0 shows all, V selects what is in view."}
      />
      {fault.value !== undefined && <p class="empty">{fault.value}</p>}
    </div>
  );
}

/** The image under the pointer, beside it. */
export function Hovered() {
  const row = pointed.value;
  const image = row < 0 ? undefined : detailsOf(row);
  if (image === undefined) return null;
  return (
    <div class="hovered" aria-hidden="true">
      <img src={pictureAddress("thumbnail", image.id)} alt="" />
      <div>
        <div class="name">{image.path.split("/").at(-1)}</div>
        <div class="muted">{image.label ?? `${image.width} × ${image.height}`}</div>
      </div>
    </div>
  );
}
