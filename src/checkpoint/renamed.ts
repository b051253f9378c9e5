/**
 * The current name of a tensor of a checkpoint. What a network holds besides its parameters is now called `buffers`,
 * and was once called `stats`: `query.stats.backbone.bn1.running_mean`.
 *
 * @param name The name in the file.
 */
export function renamed(name: string): string {
  return name.replace(/^([^.]+)\.stats\./, "$1.buffers.");
}
