/**
 * A chart of curves that grow.
 *
 * @module
 */
import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { curves, drawn, runs } from "../state/runs.ts";
import type { ChartKind } from "./chart_kinds.ts";
import { type Line, linesOf, nearest, pathOf } from "./lines.ts";
import {
  across,
  colourOf,
  cursor,
  dashesOf,
  formatPlace,
  formatReading,
  isLog,
  labelOf,
  smoothing,
} from "./reading.ts";
import { formatTick, rangeOf, scaleOf } from "./scale.ts";
import { ValueTable } from "./value_table.tsx";

/** The room around what is drawn, and the height of the whole, pixels. */
const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [56, 12, 10, 26, 210];

/** The chart; nothing where no run has its curves. */
export function Chart({ kind }: { readonly kind: ChartKind }) {
  const lines = useComputed(() => linesOf(kind, curves.value, drawn.value, across.value, smoothing.value));
  if (lines.value.length === 0) return null;
  return (
    <figure class="chart">
      <figcaption>
        <h3>{kind.title}</h3>
        <p>{kind.about}</p>
      </figcaption>
      <Plot kind={kind} lines={lines.value} />
      <Readings kind={kind} lines={lines.value} />
      <ValueTable kind={kind} lines={lines.value} />
    </figure>
  );
}

type Props = { readonly kind: ChartKind; readonly lines: readonly Line[] };

/** Where a line is read: its value at the cursor, or its last one. */
function readingOf({ xs, smoothed }: Line): { readonly x: number; readonly y: number } {
  const at = cursor.value < 0 ? xs.length - 1 : nearest(xs, cursor.value);
  return { x: xs[at], y: smoothed[at] };
}

/** What is drawn, and how it is read with the pointer and the keys. */
function Plot({ kind, lines }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(480);
  useLayoutEffect(() => {
    const measure = new ResizeObserver(([entry]) => width.value = Math.max(220, Math.floor(entry.contentRect.width)));
    measure.observe(box.current!);
    return () => measure.disconnect();
  }, []);
  const isLogHere = isLog.value && (kind.canBeLog ?? false) && lines.some(({ ys }) => ys.some((value) => value > 0));
  const range = rangeOf(valuesOf(lines), { isLog: isLogHere, fromZero: kind.fromZero ?? false }) ?? [0, 1];
  const ends: readonly [number, number] = [
    Math.min(...lines.map(({ xs }) => xs[0])),
    Math.max(...lines.map(({ xs }) => xs.at(-1)!)),
  ];
  const x = scaleOf(ends, [LEFT, width.value - RIGHT], false);
  const y = scaleOf(range, [HEIGHT - BOTTOM, TOP], isLogHere);
  const isOnAxis = (value: number): boolean => Number.isFinite(y.place(value)); // 0 is not on a logarithmic one
  const readings = lines.map((line) => ({ line, ...readingOf(line) }));
  const said = readings.map(({ line, y }) => `${nameOf(line)} ${formatReading(kind, y)}`).join(", ");
  const at = cursor.value < 0 ? ends[1] : Math.min(Math.max(cursor.value, ends[0]), ends[1]);
  const move = (to: number): void => {
    cursor.value = Math.min(Math.max(to, ends[0]), ends[1]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { xs } = lines[0];
    const by = event.shiftKey ? 10 : 1;
    const next = (steps: number): void => move(xs[Math.min(Math.max(nearest(xs, at) + steps, 0), xs.length - 1)]);
    if (event.key === "ArrowRight" || event.key === "ArrowUp") next(by);
    else if (event.key === "ArrowLeft" || event.key === "ArrowDown") next(-by);
    else if (event.key === "Home") move(ends[0]);
    else if (event.key === "End") move(ends[1]);
    else if (event.key === "Escape") cursor.value = -1;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={`${kind.title}: ${across.value}`}
      aria-valuemin={ends[0]}
      aria-valuemax={ends[1]}
      aria-valuenow={at}
      aria-valuetext={`${formatPlace(at)}: ${said}`}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => {
        const { left } = event.currentTarget.getBoundingClientRect();
        const share = (event.clientX - left - LEFT) / (width.value - LEFT - RIGHT);
        move(ends[0] + share * (ends[1] - ends[0]));
      }}
      onPointerLeave={({ pointerType }) => {
        if (pointerType === "mouse") cursor.value = -1;
      }}
    >
      <svg width={width.value} height={HEIGHT} viewBox={`0 0 ${width.value} ${HEIGHT}`} aria-hidden="true">
        {y.ticks.map((tick) => (
          <g key={tick} class="tick">
            <line x1={LEFT} x2={width.value - RIGHT} y1={y.place(tick)} y2={y.place(tick)} />
            <text x={LEFT - 8} y={y.place(tick) + 4} text-anchor="end">{formatTick(tick, kind.isShare ?? false)}</text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text key={tick} class="across" x={x.place(tick)} y={HEIGHT - 6} text-anchor="middle">
            {tick.toLocaleString("en")}
          </text>
        ))}
        {lines.map((line) => (
          <g key={`${line.run} ${line.kind.name}`} style={{ color: colourOf(line.run) }}>
            {line.smoothed !== line.ys && <path class="raw" d={pathOf(line.xs, line.ys, x.place, y.place)} />}
            <path
              class={line.kind.style === "dashed" ? "curve compared" : "curve"}
              stroke-dasharray={dashesOf(line)}
              d={pathOf(line.xs, line.smoothed, x.place, y.place)}
            />
            {line.kind.style === "dots" && line.xs.length < 200 &&
              line.xs.map((value, at) =>
                isOnAxis(line.ys[at]) && <circle key={at} r="3" cx={x.place(value)} cy={y.place(line.ys[at])} />
              )}
          </g>
        ))}
        {cursor.value >= 0 && <line class="cursor" x1={x.place(at)} x2={x.place(at)} y1={TOP} y2={HEIGHT - BOTTOM} />}
        {cursor.value >= 0 &&
          readings.filter(({ y: value }) => isOnAxis(value)).map(({ line, x: place, y: value }) => (
            <circle
              key={`${line.run} ${line.kind.name}`}
              class="reading"
              style={{ color: colourOf(line.run) }}
              r="4"
              cx={x.place(place)}
              cy={y.place(value)}
            />
          ))}
      </svg>
    </div>
  );
}

/** The value of every line where it is read. */
function Readings({ kind, lines }: Props) {
  return (
    <ul class="readings">
      {lines.map((line) => (
        <li key={`${line.run} ${line.kind.name}`}>
          <svg width="18" height="8" aria-hidden="true" style={{ color: colourOf(line.run) }}>
            <line x1="1" x2="17" y1="4" y2="4" stroke-dasharray={dashesOf(line)} />
          </svg>
          <span class="name">{nameOf(line)}</span>
          <span class="value">{formatReading(kind, readingOf(line).y)}</span>
        </li>
      ))}
    </ul>
  );
}

function nameOf(line: Line): string {
  return labelOf(line, runs.value?.[line.run].name ?? "");
}

function* valuesOf(lines: readonly Line[]): Generator<number> {
  for (const { ys } of lines) yield* ys;
}
