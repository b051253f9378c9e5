import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { PartialConfig } from "../config/types.ts";
import { isRecord } from "../files/json.ts";
import { toJson } from "../train/beginning.ts";

/**
 * A stored configuration as far as it holds for the images of a request. Other images replace those that an encoder was
 * trained on, with everything that was said of those but their kind: their test images, limit and labels. A request
 * that names none is about the same images.
 */
export function onImagesOf<S extends Pick<Checkpoint, "config">>(stored: S, { data }: PartialConfig): S {
  const { config } = stored;
  if (!isRecord(config) || !isRecord(config.data)) return stored;
  const { name = config.data.name, path } = data ?? {};
  if (name === config.data.name && path === undefined) return stored;
  return { ...stored, config: toJson({ ...config, data: { name: config.data.name } }) };
}
