import { table } from "../report/text_table.ts";
import type { EngineDescription } from "./engine.ts";

/** What the engine is and what it runs on, for a terminal. */
export function renderEngine(engine: EngineDescription): string {
  return table(["", ""], [
    ["TensorFlow", engine.tensorflow],
    ["library", engine.library],
    ["found by", engine.source === "cache" ? "the engine's cache folder" : engine.source],
    ...engine.devices.map(({ name, type }) => ["device", `${type} ${name}`]),
    ["oneDNN", engine.oneDnn ? "in use" : "not in use"],
    ["bfloat16", engine.bfloat16 ? "faster than float32" : "no faster than float32, which takes its place"],
    ["XLA", engine.xla ? "works" : "does not work"],
  ]).trim();
}
