/**
 * Whose map is shown, above it. With three encoders or more, such as the checkpoints of a run, a slider goes through
 * them.
 *
 * @module
 */
import { mapped, type MapState } from "../state/map.ts";

/** Encoders from which on a slider is worth its place. */
const MANY = 3;

/** The strip above a map. */
export function MapHead({ map }: { readonly map: MapState }) {
  const encoders = mapped.value;
  const place = encoders.findIndex(({ name }) => name === map.encoder.value?.name);
  return (
    <div class="map-head">
      <label class="field">
        <span class="only-read">Encoder of this map</span>
        <select value={map.encoder.value?.name} onChange={({ currentTarget }) => map.choose(currentTarget.value)}>
          {encoders.map(({ name }) => <option key={name} value={name}>{name}</option>)}
        </select>
      </label>
      {encoders.length >= MANY && (
        <label class="field">
          <span class="only-read">Goes through the encoders</span>
          <input
            type="range"
            min="0"
            max={encoders.length - 1}
            step="1"
            value={place}
            aria-valuetext={map.encoder.value?.name}
            onInput={({ currentTarget }) => map.choose(encoders[Number(currentTarget.value)].name)}
          />
        </label>
      )}
    </div>
  );
}
