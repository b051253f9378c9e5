import type { Rule, Values } from "../core/declare.ts";
import { neighbours } from "../core/neighbours.ts";
import type { BuildEncoder } from "./build_encoder.ts";

const heads = { is: "integer", min: 1, default: 12, about: "attention heads", flag: "heads" } as const;

const fields = {
  heads,
  patch: { is: "integer", min: 1, default: 16, about: "height and width of a patch, pixels", flag: "patch" },
  patchStem: {
    is: "choice",
    of: ["frozen", "learned", "conv"],
    default: "frozen",
    about: "how a patch becomes a token: a projection that stays as it starts, a learned one, or convolutions",
    flag: "patch-stem",
  },
  position: {
    is: "choice",
    of: ["sin-cos", "learned", "none"],
    default: "sin-cos",
    about: "how a token knows its place",
    flag: "position",
  },
  pool: {
    is: "choice",
    of: ["class", "mean"],
    default: "class",
    about: "features: the class token's, or the mean of the patches'",
    flag: "pool",
  },
  recompute: {
    is: "boolean",
    default: false,
    about: "each block computed again for its gradient: less memory, more time",
    flag: "recompute",
  },
} as const;

const largeFields = { ...fields, heads: { ...heads, default: 16 } } as const;

const tinyFields = {
  ...fields,
  patch: { ...fields.patch, default: 4 },
  channels: { is: "integer", min: 1, max: 65_536, default: 96, about: "channels of a token" },
  depth: { is: "integer", min: 1, max: 256, default: 4, about: "transformer blocks" },
  heads: { ...heads, default: 3 },
} as const;

/** The settings of a vision transformer of a published size in a configuration. */
export type VitSettings = Values<typeof fields>;

/** The settings of a vision transformer of any size in a configuration. */
export type VitTinySettings = Values<typeof tinyFields>;

type WithVit = {
  readonly encoder: VitSettings;
  readonly augment: { readonly size: number; readonly evaluationSize?: number };
};
type WithVitTiny = { readonly encoder: VitTinySettings };

function wholePatches(size: number, patch: number): ReturnType<Rule["check"]> {
  return size % patch === 0 ? undefined : {
    expected: `whole patches of encoder.patch (${patch}) pixels`,
    found: `${size}; ${neighbours(size, patch)} would do`,
  };
}

const viewsAreWholePatches: Rule<WithVit> = {
  reads: ["augment.size", "encoder.patch"],
  check: ({ augment: { size }, encoder: { patch } }) => wholePatches(size, patch),
};

const evaluationKeepsPositions: Rule<WithVit> = {
  reads: ["augment.evaluationSize", "augment.size", "encoder.patch", "encoder.position"],
  check: ({ augment: { size, evaluationSize = size }, encoder: { patch, position } }) =>
    position === "none" ? wholePatches(evaluationSize, patch) : evaluationSize === size ? undefined : {
      expected: `augment.size (${size}), for the positions are those of its patches`,
      found: String(evaluationSize),
    },
};

const convHalvesToPatches: Rule<WithVit> = {
  reads: ["encoder.patch", "encoder.patchStem"],
  check: ({ encoder: { patch, patchStem } }) =>
    patchStem !== "conv" || (patch > 1 && Number.isInteger(Math.log2(patch))) ? undefined : {
      expected: 'a power of two from 2 on, for encoder.patchStem "conv" halves the image down to its patches',
      found: String(patch),
    },
};

const convDoublesChannels: Rule<WithVitTiny> = {
  reads: ["encoder.channels", "encoder.patch", "encoder.patchStem"],
  check: ({ encoder: { channels, patch, patchStem } }) =>
    patchStem !== "conv" || !Number.isInteger(Math.log2(patch)) || channels % (patch / 2) === 0 ? undefined : {
      expected: `a multiple of ${patch / 2}, for the channels of encoder.patchStem "conv" double with each halving`,
      found: String(channels),
    },
};

const headsDivideChannels: Rule<WithVitTiny> = {
  reads: ["encoder.channels", "encoder.heads"],
  check: ({ encoder: { channels, heads } }) =>
    channels % heads === 0
      ? undefined
      : { expected: `a multiple of encoder.heads (${heads})`, found: String(channels) },
};

const positionsFillChannels: Rule<WithVitTiny> = {
  reads: ["encoder.channels", "encoder.position"],
  check: ({ encoder: { channels, position } }) =>
    position !== "sin-cos" || channels % 4 === 0
      ? undefined
      : { expected: 'a multiple of 4, for encoder.position "sin-cos"', found: String(channels) },
};

const convLeavesBlocks: Rule<WithVitTiny> = {
  reads: ["encoder.depth", "encoder.patchStem"],
  check: ({ encoder: { depth, patchStem } }) =>
    patchStem !== "conv" || depth > 1
      ? undefined
      : { expected: '2 blocks or more, for encoder.patchStem "conv" takes the place of one', found: String(depth) },
};

/** The channels of a published size are a multiple of its heads. */
function headsDivide(channels: number): Rule<WithVit> {
  return {
    reads: ["encoder.heads"],
    check: ({ encoder: { heads } }) =>
      channels % heads === 0 ? undefined : { expected: `a divisor of the ${channels} channels`, found: String(heads) },
  };
}

const headsDivideSmall: Rule<WithVit> = headsDivide(384);
const headsDivideBase: Rule<WithVit> = headsDivide(768);
const headsDivideLarge: Rule<WithVit> = headsDivide(1024);

const rules = [viewsAreWholePatches, evaluationKeepsPositions, convHalvesToPatches] as const;

const titled = (name: string, { patch }: VitSettings): string => `${name}/${patch}`;

/** A vision transformer of any size. */
export const vitTiny = {
  about: "a small vision transformer, 4 blocks of 96 channels where nothing else is said",
  title: (settings: VitTinySettings): string => titled("ViT-tiny", settings),
  fields: tinyFields,
  rules: [...rules, convDoublesChannels, headsDivideChannels, positionsFillChannels, convLeavesBlocks],
  load: async (): Promise<BuildEncoder<VitTinySettings>> => {
    const { vitTiny } = await import("./vit.ts");
    return ({ channels: dimension, patchStem: stem, ...others }) => vitTiny({ ...others, dimension, stem });
  },
} as const;

/** ViT-S. */
export const vitSmall = {
  about: "a vision transformer of 12 blocks of 384 channels",
  title: (settings: VitSettings): string => titled("ViT-S", settings),
  fields,
  rules: [...rules, headsDivideSmall],
  load: async (): Promise<BuildEncoder<VitSettings>> => {
    const { vitSmall } = await import("./vit.ts");
    return ({ patchStem: stem, ...others }) => vitSmall({ ...others, stem });
  },
} as const;

/** ViT-B. */
export const vitBase = {
  about: "a vision transformer of 12 blocks of 768 channels",
  title: (settings: VitSettings): string => titled("ViT-B", settings),
  fields,
  rules: [...rules, headsDivideBase],
  load: async (): Promise<BuildEncoder<VitSettings>> => {
    const { vitBase } = await import("./vit.ts");
    return ({ patchStem: stem, ...others }) => vitBase({ ...others, stem });
  },
} as const;

/** ViT-L. */
export const vitLarge = {
  about: "a vision transformer of 24 blocks of 1,024 channels",
  title: (settings: VitSettings): string => titled("ViT-L", settings),
  fields: largeFields,
  rules: [...rules, headsDivideLarge],
  load: async (): Promise<BuildEncoder<VitSettings>> => {
    const { vitLarge } = await import("./vit.ts");
    return ({ patchStem: stem, ...others }) => vitLarge({ ...others, stem });
  },
} as const;
