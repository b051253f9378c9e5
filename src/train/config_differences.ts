import { isRecord, type Json } from "../files/json.ts";
import type { Difference } from "../checkpoint/errors.ts";

/**
 * Where two configurations differ, field by field.
 *
 * @param current What the program runs with.
 * @param saved What the checkpoint was made with.
 */
export function configDifferences(current: Json, saved: Json, path = ""): readonly Difference[] {
  if (isRecord(current) && isRecord(saved)) {
    return [...new Set([...Object.keys(current), ...Object.keys(saved)])].flatMap((name) =>
      configDifferences(current[name] ?? null, saved[name] ?? null, path === "" ? name : `${path}.${name}`)
    );
  }
  const [expected, found] = [JSON.stringify(current), JSON.stringify(saved)];
  return expected === found ? [] : [{ path, expected, found }];
}
