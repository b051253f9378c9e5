/**
 * Chooses a number, which stands in the words that say what it is. The number is no `output`, because a label names the
 * first thing in it that can have a name: that would be the output, and the slider would have none.
 */
export function Slider(
  { before, after, value, digits, min, max, step, onChange }: {
    readonly before: string;
    readonly after?: string;
    readonly value: number;
    /** The digits after the point that are shown. */
    readonly digits: number;
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly onChange: (value: number) => void;
  },
) {
  return (
    <label class="slider">
      {before} <b>{value.toFixed(digits)}</b> {after}
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
    </label>
  );
}
