/**
 * What a cell left in its folder.
 *
 * @module
 */
import { join } from "node:path";
import { Either, type TaskEither } from "../core/either.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import type { Cell } from "./grid.ts";
import type { MeasureName } from "./measures.ts";

/** How a cell ended: measured, or stopped by a number that is not finite. */
export type CellResult = {
  /** Version of this layout. */
  readonly version: 1;
  /** The digest of the configuration that gave the result. */
  readonly digest: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The seed of the training; absent where the result was kept before seeds were. */
  readonly seed?: number;
  readonly state: "finished" | "failed";
  /** Why it failed. */
  readonly reason?: string;
  /** What was asked for. */
  readonly measures: readonly MeasureName[];
  /** What was measured. Shares are in [0, 1]. */
  readonly values: Readonly<Partial<Record<MeasureName, number>>>;
  /** How long the last attempt took, seconds. */
  readonly seconds: number;
  /** When and on what it was made; absent where the result was kept before that was. */
  readonly made?: Made;
};

/** When and on what a result was made. */
export type Made = {
  /** ISO 8601. */
  readonly date: string;
  /** Processor and number of cores, or accelerators. */
  readonly machine: string;
};

/** The folder of a cell: its name, and enough of its digest that each configuration gets its own. */
export function cellFolder(folder: string, { name, digest }: Cell): string {
  const words = name.replaceAll(/[^A-Za-z0-9.,-]+/g, "-").replaceAll(",-", "_");
  return join(folder, "cells", `${words}_${digest.slice(0, 8)}`);
}

/**
 * The result of a cell, if it has one for this very configuration with all that is asked for now.
 *
 * @param folder The cell's folder.
 * @param cell The cell.
 * @param wanted What is to be measured.
 */
export async function readResult(
  folder: string,
  { digest }: Cell,
  wanted: readonly MeasureName[],
): Promise<CellResult | undefined> {
  const text = await Deno.readTextFile(join(folder, "result.json")).catch(() => "");
  const parsed = parseJson(text);
  if (Either.isLeft(parsed) || !isRecord(parsed.right)) return undefined;
  const right = parsed.right as CellResult;
  if (right.version !== 1 || right.digest !== digest) return undefined;
  if (!Array.isArray(right.measures) || !isRecord(right.values)) return undefined; // someone else has changed it
  return right.state === "failed" || wanted.every((name) => right.measures.includes(name)) ? right : undefined;
}

/** Keeps the result of a cell, atomically. */
export function writeResult(folder: string, result: CellResult): TaskEither<UnwritableFile, void> {
  return writeTextAtomic(join(folder, "result.json"), `${JSON.stringify(result, null, 2)}\n`);
}
