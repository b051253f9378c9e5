/**
 * What a tensor of ours is called elsewhere: one table for ResNets, one for vision transformers, read from left to
 * right to export and from right to left to import. `pattern.ts` says how the names are written.
 *
 * All these programs have PyTorch's axes: `axes.ts` changes them.
 *
 * @module
 */
import { fill } from "./pattern.ts";

/** A name in another layout, or those of tensors that lie one after another in ours. */
type Cell = string | readonly string[];

/**
 * ResNets. timm's names are torchvision's, and so are ours. Lightly's users make a sequence of torchvision's layers
 * (`nn.Sequential(*list(resnet.children())[:-1])`), whose names are their places.
 */
const resnet: { readonly [column: string]: readonly Cell[] } = columns(
  ["ours", "torchvision", "lightly", "detectron2", "huggingface"],
  [
    ["conv1.weight", "conv1.weight", "0.weight", "stem.conv1.weight", "embedder.embedder.convolution.weight"],
    ["bn1.{value}", "bn1.{value}", "1.{value}", "stem.conv1.norm.{value}", "embedder.embedder.normalization.{value}"],
    [
      "layer{s}.{b}.conv{n}.weight",
      "layer{s}.{b}.conv{n}.weight",
      "{s+3}.{b}.conv{n}.weight",
      "res{s+1}.{b}.conv{n}.weight",
      "encoder.stages.{s-1}.layers.{b}.layer.{n-1}.convolution.weight",
    ],
    [
      "layer{s}.{b}.bn{n}.{value}",
      "layer{s}.{b}.bn{n}.{value}",
      "{s+3}.{b}.bn{n}.{value}",
      "res{s+1}.{b}.conv{n}.norm.{value}",
      "encoder.stages.{s-1}.layers.{b}.layer.{n-1}.normalization.{value}",
    ],
    [
      "layer{s}.{b}.downsample.0.weight",
      "layer{s}.{b}.downsample.0.weight",
      "{s+3}.{b}.downsample.0.weight",
      "res{s+1}.{b}.shortcut.weight",
      "encoder.stages.{s-1}.layers.{b}.shortcut.convolution.weight",
    ],
    [
      "layer{s}.{b}.downsample.1.{value}",
      "layer{s}.{b}.downsample.1.{value}",
      "{s+3}.{b}.downsample.1.{value}",
      "res{s+1}.{b}.shortcut.norm.{value}",
      "encoder.stages.{s-1}.layers.{b}.shortcut.normalization.{value}",
    ],
  ],
);

/** Vision transformers. Our names are timm's, which MoCo v3's authors have too. */
const vit: { readonly [column: string]: readonly Cell[] } = columns(
  ["ours", "timm", "torchvision", "huggingface"],
  [
    ["cls_token", "cls_token", "class_token", "embeddings.cls_token"],
    ["pos_embed", "pos_embed", "encoder.pos_embedding", "embeddings.position_embeddings"],
    [
      "patch_embed.proj.{value}",
      "patch_embed.proj.{value}",
      "conv_proj.{value}",
      "embeddings.patch_embeddings.projection.{value}",
    ],
    ["patch_embed.proj.{n}.{value}", "patch_embed.proj.{n}.{value}", [], []], // convolutional stems: MoCo v3's alone
    [
      "blocks.{b}.norm1.{value}",
      "blocks.{b}.norm1.{value}",
      "encoder.layers.encoder_layer_{b}.ln_1.{value}",
      "encoder.layer.{b}.layernorm_before.{value}",
    ],
    [
      "blocks.{b}.attn.qkv.{value}",
      "blocks.{b}.attn.qkv.{value}",
      "encoder.layers.encoder_layer_{b}.self_attention.in_proj_{value}",
      ["query", "key", "value"].map((part) => `encoder.layer.{b}.attention.attention.${part}.{value}`),
    ],
    [
      "blocks.{b}.attn.proj.{value}",
      "blocks.{b}.attn.proj.{value}",
      "encoder.layers.encoder_layer_{b}.self_attention.out_proj.{value}",
      "encoder.layer.{b}.attention.output.dense.{value}",
    ],
    [
      "blocks.{b}.norm2.{value}",
      "blocks.{b}.norm2.{value}",
      "encoder.layers.encoder_layer_{b}.ln_2.{value}",
      "encoder.layer.{b}.layernorm_after.{value}",
    ],
    [
      "blocks.{b}.mlp.fc1.{value}",
      "blocks.{b}.mlp.fc1.{value}",
      "encoder.layers.encoder_layer_{b}.mlp.0.{value}",
      "encoder.layer.{b}.intermediate.dense.{value}",
    ],
    [
      "blocks.{b}.mlp.fc2.{value}",
      "blocks.{b}.mlp.fc2.{value}",
      "encoder.layers.encoder_layer_{b}.mlp.3.{value}",
      "encoder.layer.{b}.output.dense.{value}",
    ],
    ["norm.{value}", "norm.{value}", "encoder.ln.{value}", "layernorm.{value}"],
  ],
);

/** A head: one linear layer, or layers by their place. Every layout that has heads calls their values as we do. */
const head: readonly Cell[] = ["{value}", "{n}.{value}"];

/** One line of a layout: a tensor of the state, and the tensors of the file that make it, one after another. */
export type Row = { readonly ours: string; readonly theirs: readonly string[] };

/** How one program lays out the weights of one family of encoders. */
export type Layout = {
  /** Whose layout it is. */
  readonly name: LayoutName;
  readonly family: "resnet" | "vit";
  /**
   * The tensors' names. Ours are those of a state without `params` and `buffers`: `query.backbone.conv1.weight`. Theirs
   * may have a common prefix, such as DataParallel's `module.`.
   */
  readonly rows: readonly Row[];
  /** A tensor that every such file has: what stands before this name is the common prefix. */
  readonly anchor: string;
};

/** Whose layouts are known. */
export type LayoutName = "moco" | "moco-v3" | "torchvision" | "timm" | "lightly" | "detectron2" | "huggingface";

/** Every layout. Where two read the same file, the first counts. */
export const layouts: readonly Layout[] = [
  mocoLayout(),
  mocoV3Layout("resnet", "fc"),
  mocoV3Layout("vit", "head"),
  encoderLayout("torchvision", "resnet"),
  encoderLayout("timm", "vit"),
  encoderLayout("torchvision", "vit"),
  { ...encoderLayout("lightly", "resnet"), anchor: "4.0.conv1.weight" }, // any sequence has a layer 0
  encoderLayout("detectron2", "resnet"),
  encoderLayout("huggingface", "resnet"),
  encoderLayout("huggingface", "vit"),
];

/** A layout of an encoder alone. */
function encoderLayout(name: LayoutName, family: Layout["family"]): Layout {
  const rows = rowsOf("query.backbone.", "", family, name);
  const first = family === "resnet" ? "query.backbone.conv1.weight" : "query.backbone.blocks.{b}.norm1.{value}";
  const { theirs: [anchor] } = rows.find(({ ours }) => ours === first)!;
  return { name, family, rows, anchor: fill(anchor, { b: "0", value: "weight" }) };
}

/** MoCo v1 and v2 by their authors: two encoders, each with its head, and the queue. */
function mocoLayout(): Layout {
  return {
    name: "moco",
    family: "resnet",
    rows: [
      ...[["query", "encoder_q"], ["key", "encoder_k"]].flatMap(([ours, theirs]) => [
        ...rowsOf(`${ours}.backbone.`, `${theirs}.`, "resnet", "torchvision"),
        ...headRows(`${ours}.head.`, `${theirs}.fc.`),
      ]),
      { ours: "queue.keys", theirs: ["queue"] },
    ],
    anchor: "encoder_q.conv1.weight",
  };
}

/** MoCo v3 by its authors: two encoders, each with its projector, and the predictor. */
function mocoV3Layout(family: Layout["family"], projector: string): Layout {
  const column = family === "resnet" ? "torchvision" : "timm";
  return {
    name: "moco-v3",
    family,
    rows: [
      ...[["query", "base_encoder"], ["key", "momentum_encoder"]].flatMap(([ours, theirs]) => [
        ...rowsOf(`${ours}.backbone.`, `${theirs}.`, family, column),
        ...headRows(`${ours}.projector.`, `${theirs}.${projector}.`),
      ]),
      ...headRows("predictor.", "predictor."),
    ],
    anchor: family === "resnet" ? "base_encoder.conv1.weight" : "base_encoder.blocks.0.norm1.weight",
  };
}

function rowsOf(ours: string, theirs: string, family: Layout["family"], column: string): readonly Row[] {
  const table = family === "resnet" ? resnet : vit;
  return table.ours.map((name, index): Row => ({
    ours: `${ours}${name}`,
    theirs: [table[column][index]].flat().map((each) => `${theirs}${each}`),
  })).filter(({ theirs }) => theirs.length > 0);
}

function headRows(ours: string, theirs: string): readonly Row[] {
  return head.map((name) => ({ ours: `${ours}${name}`, theirs: [`${theirs}${name}`] }));
}

function columns(
  names: readonly string[],
  rows: readonly (readonly Cell[])[],
): { readonly [column: string]: readonly Cell[] } {
  return Object.fromEntries(names.map((name, column) => [name, rows.map((row) => row[column])]));
}
