/**
 * The results as a Markdown table that grows with each workload.
 *
 * @module
 */
import type { Result } from "./measure.ts";
import type { Device, Workload } from "./workloads.ts";

/** The table's first two lines. */
export function tableHeader(device: Device): string {
  const memory = device === "gpu" ? "GPU memory" : "peak memory";
  const titles = ["workload", "library", "images/s", "the first against it", memory, "first step after", "versions"];
  return [row(titles), row(titles.map(() => "---"))].join("\n");
}

/** A line for each contestant at a workload. */
export function tableRows(name: string, work: Workload, results: readonly Result[]): string {
  const what = `${name}, batch ${work.batch}${work.images === undefined ? "" : ", augmentation included"}`;
  return results.map(({ title, imagesPerSecond, ratio, peakMemory, firstStep, versions }, index) =>
    row([
      index === 0 ? what : "",
      title,
      `${Number(imagesPerSecond.median.toPrecision(3))}`,
      index === 0 ? "" : `${ratio.median.toFixed(2)}x (${ratio.least.toFixed(2)} to ${ratio.greatest.toFixed(2)})`,
      `${peakMemory.toFixed(0)} MiB`,
      `${firstStep.toFixed(1)} s`,
      Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
    ])
  ).join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
