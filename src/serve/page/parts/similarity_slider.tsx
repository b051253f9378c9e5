/** Chooses the least cosine similarity of what is shown. */
export function SimilaritySlider(
  { value, step, onChange }: {
    readonly value: number;
    readonly step: number;
    readonly onChange: (value: number) => void;
  },
) {
  return (
    <label class="slider">
      Similarity at least <output>{value.toFixed(3)}</output>
      <input
        type="range"
        min="0.8"
        max="1"
        step={step}
        value={value}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
    </label>
  );
}
