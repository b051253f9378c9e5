import { Command } from "../dependencies/commander.ts";
import { byteLength, type StoredTensor, type TensorFile } from "../files/safetensors.ts";
import { Failure } from "./failure.ts";
import { openTensorFile } from "./files.ts";
import { invokedAs } from "./shell.ts";
import { bytes, table } from "./table.ts";

/** `inspect`: what a checkpoint holds. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("say what a checkpoint holds")
    .description(
      "Lists the tensors of a checkpoint, or of any safetensors file, with the configuration and the step it was saved at.",
    )
    .argument("<file>", "a .safetensors file, or a run's folder for its newest checkpoint")
    .option("--tensor <name>", "the statistics of one tensor, or of all whose names start with this")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} inspect runs/photos
  ${invokedAs()} inspect runs/photos --tensor query.params.head
  ${invokedAs()} inspect encoder.safetensors --json`,
    )
    .action(async (path: string, options: { readonly tensor?: string; readonly json?: boolean }) => {
      const { path: file, contents } = await openTensorFile(path);
      const prefix = options.tensor;
      const tensors = contents.tensors.filter(({ name }) =>
        prefix === undefined || name === prefix || name.startsWith(`${prefix}.`) || name.startsWith(prefix)
      );
      if (prefix !== undefined && tensors.length === 0) {
        throw new Failure(`Cannot inspect ${file}: no tensor's name starts with "${prefix}"`);
      }
      const withStatistics = prefix !== undefined;
      if (options.json) console.log(JSON.stringify(asJson(file, contents, tensors, withStatistics), null, 2));
      else console.log(asText(file, contents, tensors, withStatistics));
    });
}

function asJson(
  file: string,
  contents: TensorFile,
  tensors: readonly StoredTensor[],
  withStatistics: boolean,
): unknown {
  return {
    file,
    metadata: Object.fromEntries(Object.entries(contents.metadata).map(([name, text]) => [name, parsed(text)])),
    tensors: tensors.map((tensor) => ({
      name: tensor.name,
      dtype: tensor.dtype,
      shape: tensor.shape,
      bytes: byteLength(tensor),
      ...(withStatistics ? { statistics: statistics(tensor) } : {}),
    })),
  };
}

function asText(file: string, contents: TensorFile, tensors: readonly StoredTensor[], withStatistics: boolean): string {
  const total = tensors.reduce((sum, tensor) => sum + byteLength(tensor), 0);
  if (withStatistics) {
    const header = ["name", "dtype", "shape", "minimum", "maximum", "mean", "deviation", "not finite"];
    return table(
      header,
      tensors.map((tensor) => {
        const found = statistics(tensor);
        const numbers = found === undefined
          ? ["", "", "", "", ""]
          : [...[found.minimum, found.maximum, found.mean, found.deviation].map(short), String(found.notFinite)];
        return [tensor.name, tensor.dtype, shape(tensor), ...numbers];
      }),
    );
  }
  const facts = Object.entries(contents.metadata).map(([name, text]) => {
    const value = parsed(text);
    return `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return [
    `${file}: ${tensors.length} tensors, ${bytes(total)}`,
    ...facts,
    "",
    table(
      ["name", "dtype", "shape", "bytes"],
      tensors.map((tensor) => [tensor.name, tensor.dtype, shape(tensor), byteLength(tensor)]),
    ),
  ].join("\n");
}

function shape({ shape }: StoredTensor): string {
  return `[${shape.join(", ")}]`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : String(value);
}

/** What a tensor's finite values are like. */
type Statistics = {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly deviation: number;
  readonly notFinite: number;
};

/** Statistics of the dtypes that this library writes; undefined for others. */
function statistics(tensor: StoredTensor): Statistics | undefined {
  const values = numbers(tensor);
  if (values === undefined) return undefined;
  let [count, sum, minimum, maximum] = [0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { minimum, maximum, mean, deviation: Math.sqrt(squares / count), notFinite: values.length - count };
}

function numbers({ dtype, data }: StoredTensor): Float32Array | Float64Array | Int32Array | Uint8Array | undefined {
  const copy = data.slice().buffer; // aligned
  switch (dtype) {
    case "F32":
      return new Float32Array(copy);
    case "F64":
      return new Float64Array(copy);
    case "I32":
      return new Int32Array(copy);
    case "U8":
    case "BOOL":
      return new Uint8Array(copy);
    default:
      return undefined;
  }
}
