/**
 * Where the encoder looks in an image: a map over it, and which one is shown.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { colourOfShare, rangeOf } from "../map/colours.ts";
import { focus, focusMap, shownMap, strength } from "../state/focus.ts";
import type { FocusInfo } from "../../messages.ts";

/** The longer side of what is painted over an image, pixels. */
const SIDE = 512;

/** The map that lies over an image of this size, pixels. It takes the image's place and proportions. */
export function FocusLayer({ width, height }: { readonly width: number; readonly height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [{ info }, map] = [focus.value, focusMap.value];
  useEffect(() => {
    if (info !== undefined && map !== undefined) paint(canvas.current!, { width, height }, info, map);
  }, [info, map, width, height]);
  if (map === undefined || shownMap.value === "") return null;
  return <canvas ref={canvas} class="focus" style={{ opacity: strength.value }} aria-hidden="true" />;
}

/** Chooses the map, and says what it is. */
export function FocusControls() {
  const { info, error } = focus.value;
  const isOn = shownMap.value !== "";
  return (
    <section class="looks" aria-label="Where the encoder looks">
      <div class="line">
        <button type="button" aria-pressed={isOn} onClick={() => shownMap.value = isOn ? "" : "mean"}>
          Where the encoder looks
        </button>
        {isOn && info !== undefined && info.maps > 1 && (
          <label class="field">
            <span class="only-read">Head</span>
            <select value={shownMap.value} onChange={({ currentTarget }) => shownMap.value = currentTarget.value}>
              <option value="mean">Mean of {info.maps} heads</option>
              {Array.from(
                { length: info.maps },
                (_, head) => <option key={head} value={`${head}`}>Head {head + 1}</option>,
              )}
            </select>
          </label>
        )}
        {isOn && info !== undefined && (
          <label class="field">
            <span class="only-read">How strongly it is shown</span>
            <input
              type="range"
              min="0"
              max="1"
              step="0.05"
              value={strength.value}
              onInput={({ currentTarget }) => strength.value = Number(currentTarget.value)}
            />
          </label>
        )}
      </div>
      {isOn && (
        <p class={error === undefined ? "muted" : "wrong"} role="status">
          {error ?? (info === undefined ? "Asking the encoder …" : explanation(info))}
        </p>
      )}
    </section>
  );
}

function explanation({ kind, maps, rows, columns }: FocusInfo): string {
  const places = `${rows} × ${columns} places`;
  if (kind === "attention") {
    return `How much the class token of the last block attends to each of ${places}` +
      (maps > 1 ? ", by head or as the mean." : ".");
  }
  return `The share that each of ${places} of the last map has in the vector's squared length.`;
}

/** Paints a map, from its least to its greatest number, over the part of the image that the encoder sees. */
function paint(
  canvas: HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
  { rows, columns, isCentral, crop }: FocusInfo,
  map: Float32Array,
): void {
  const scale = SIDE / Math.max(width, height);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const small = new OffscreenCanvas(columns, rows);
  const [low, high] = rangeOf(map);
  const pixels = new Uint8ClampedArray(4 * rows * columns);
  map.forEach((value, place) => pixels.set([...colourOfShare((value - low) / (high - low || 1)), 255], 4 * place));
  small.getContext("2d")!.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  const whole = isCentral ? Math.min(canvas.width, canvas.height) : undefined;
  const [across, down] = [crop * (whole ?? canvas.width), crop * (whole ?? canvas.height)];
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, (canvas.width - across) / 2, (canvas.height - down) / 2, across, down);
}
