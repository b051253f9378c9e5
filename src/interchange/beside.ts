/**
 * What lies beside a file of weights: timm and Hugging Face write a `config.json`, and Hugging Face a
 * `preprocessor_config.json`, which say what tensors do not.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Either } from "../core/either.ts";
import { isRecord, parseJson } from "../files/json.ts";

/** Fields of a configuration, by section. */
export type Beside = { readonly [section in "encoder" | "augment"]: { readonly [field: string]: unknown } };

type Part = { readonly [name: string]: unknown };

/**
 * What the files beside a file of weights say of attention heads, of the part of an image that is seen, and of its
 * normalisation.
 *
 * @param path The file of weights.
 * @param family Which kind of encoder it holds.
 */
export async function readBeside(path: string, family: "resnet" | "vit"): Promise<Beside> {
  const [config, preprocessor] = await Promise.all(
    ["config.json", "preprocessor_config.json"].map((name) => recordIn(join(dirname(path), name))),
  );
  return besideOf(config, preprocessor, family);
}

/** The same for the contents of the two files. */
function besideOf(config: Part, preprocessor: Part, family: "resnet" | "vit"): Beside {
  const [timm, args] = [config.pretrained_cfg, config.model_args].map((part) => isRecord(part) ? part : {});
  const heads = family === "vit" ? args.num_heads ?? config.num_attention_heads : undefined;
  return {
    encoder: present({ heads }),
    augment: present({
      mean: timm.mean ?? preprocessor.image_mean,
      std: timm.std ?? preprocessor.image_std,
      evaluationCrop: timm.crop_pct ?? preprocessor.crop_pct ?? cropOf(preprocessor),
    }),
  };
}

/** The share of the shorter side that a centre crop takes. */
function cropOf({ do_center_crop, crop_size, size }: Part): number | undefined {
  if (do_center_crop !== true || !isRecord(crop_size) || !isRecord(size)) return undefined;
  const [cut, whole] = [crop_size.height, size.shortest_edge ?? size.height];
  return typeof cut === "number" && typeof whole === "number" ? Math.min(1, cut / whole) : undefined;
}

function present(fields: Part): Part {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

/** The record in a JSON file; an empty one if there is none. */
async function recordIn(path: string): Promise<Part> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const value = Either.getOrElse((): unknown => undefined)(parseJson(text));
  return isRecord(value) ? value : {};
}
