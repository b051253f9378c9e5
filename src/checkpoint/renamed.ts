/**
 * The name that a tensor of a checkpoint has today. What a network holds beside its parameters was called `stats` before
 * it was called `buffers`: `query.stats.backbone.bn1.running_mean`.
 *
 * @param name The name in the file.
 */
export function renamed(name: string): string {
  return name.replace(/^([^.]+)\.stats\./, "$1.buffers.");
}
