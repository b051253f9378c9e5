/**
 * What a file of tensors holds, for a terminal.
 *
 * @module
 */
import { counted } from "../core/counted.ts";
import { bytes, table } from "../report/text_table.ts";
import type { Inspected, InspectedTensor } from "./inspect.ts";

/** What a file holds, as plain text. */
export function renderContents({ file, metadata, tensors }: Inspected): string {
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = Object.entries(metadata).map(([name, value]) =>
    `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  const rows = tensors.map((tensor) => [tensor.name, tensor.dtype, renderShape(tensor), tensor.bytes]);
  return [
    `${file}: ${counted(tensors.length, "tensor")}, ${bytes(total)}`,
    ...facts,
    "",
    table(["name", "dtype", "shape", "bytes"], rows),
  ].join("\n");
}

/** What the numbers of a file's tensors are like, as a plain table. */
export function renderStatistics({ tensors }: Inspected): string {
  return table(
    ["name", "dtype", "shape", "minimum", "maximum", "mean", "deviation", "not finite"],
    tensors.map((tensor) => {
      const { statistics: found } = tensor;
      const numbers = found === undefined
        ? ["", "", "", "", ""]
        : [...[found.minimum, found.maximum, found.mean, found.deviation].map(short), String(found.notFinite)];
      return [tensor.name, tensor.dtype, renderShape(tensor), ...numbers];
    }),
  );
}

function renderShape({ shape }: InspectedTensor): string {
  return `[${shape.join(", ")}]`;
}

/** Five digits of a number; a dash where a tensor has no finite value to take it from. */
function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : "–";
}
