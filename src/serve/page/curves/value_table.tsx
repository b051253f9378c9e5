import { useSignal } from "@preact/signals";
import { runs } from "../state/runs.ts";
import type { ChartKind } from "./chart_kinds.ts";
import { type Line, nearest } from "./lines.ts";
import { across, formatPlace, formatReading, labelOf } from "./reading.ts";

/** Rows of a table, evenly over the run. */
const ROWS = 40;

/** The table behind a chart, which is made when it is opened. */
export function ValueTable({ kind, lines }: { readonly kind: ChartKind; readonly lines: readonly Line[] }) {
  const isOpen = useSignal(false);
  return (
    <details class="values" onToggle={({ currentTarget }) => isOpen.value = currentTarget.open}>
      <summary>
        Table<span class="only-read">of {kind.title}</span>
      </summary>
      {isOpen.value && <Rows kind={kind} lines={lines} />}
    </details>
  );
}

function Rows({ kind, lines }: { readonly kind: ChartKind; readonly lines: readonly Line[] }) {
  const longest = lines.reduce((a, b) => b.xs.at(-1)! > a.xs.at(-1)! ? b : a).xs;
  const count = Math.min(ROWS, longest.length);
  const places = Array.from(
    { length: count },
    (_, row) => longest[count === 1 ? 0 : Math.round(row * (longest.length - 1) / (count - 1))],
  );
  return (
    <div class="scroll" role="region" aria-label={`Table of ${kind.title}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{across.value === "step" ? "Step" : "Epoch"}</th>
            {lines.map((line) => (
              <th key={`${line.run} ${line.kind.name}`} scope="col">
                {labelOf(line, runs.value?.[line.run].name ?? "")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {places.map((place, row) => (
            <tr key={row}>
              <th scope="row">{formatPlace(place).split(" ")[1]}</th>
              {lines.map((line) => (
                <td key={`${line.run} ${line.kind.name}`}>
                  {place > line.xs.at(-1)! ? "–" : formatReading(kind, line.ys[nearest(line.xs, place)])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
