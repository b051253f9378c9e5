import { cpus } from "node:os";
import { engineInfo } from "../engine/mod.ts";
import type { Made } from "./cell_result.ts";
import type { Provenance } from "./report.ts";

/**
 * What results were made on, and when: this machine, now.
 *
 * @param command The command that made them.
 */
export async function provenanceOf(command: string): Promise<Provenance> {
  const { default: project } = await import("../../deno.json", { with: { type: "json" } });
  const { tensorflow } = engineInfo();
  return {
    command,
    ...made(),
    versions: { "Momentum Contrast": project.version, Deno: Deno.version.deno, TensorFlow: tensorflow },
  };
}

/** This machine, now. */
export function made(): Made {
  const processors = cpus();
  const cores = `${processors.length} cores of ${processors[0]?.model ?? "unknown kind"}`;
  const others = engineInfo().devices.filter(({ type }) => type !== "CPU").map(({ type }) => type);
  return {
    date: new Date().toISOString(),
    machine: [...others, cores, `${Deno.build.os} ${Deno.build.arch}`].join(", "),
  };
}
