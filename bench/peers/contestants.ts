/**
 * Who is compared, and how each is started.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Device, Workload } from "./workloads.ts";

/** A program that takes the steps of a workload. */
export type Contestant = {
  readonly name: string;
  /** What a table calls it. */
  readonly title: string;
  /** The file beside this one, and the variant of it. */
  readonly script: readonly [file: string, variant: string];
  /** Whether it is for machines that compute in bfloat16. */
  readonly bfloat16?: boolean;
  /** Which kind of workload it takes: the step alone, a part of an epoch, or (absent) both. */
  readonly only?: "step" | "epoch";
  /** Which methods it has, where not all. */
  readonly methods?: readonly Workload["method"][];
  /** Which encoders it has, where not all. */
  readonly encoders?: readonly Workload["encoder"][];
  /** What it runs on, where not on everything. */
  readonly devices?: readonly Device[];
};

/** Ours first: the others' ratios are to it. */
export const contestants: readonly Contestant[] = [
  { name: "ours-compiled", title: "ours, compiled", script: ["ours.ts", "compiled"] },
  { name: "ours-eager", title: "ours, eager", script: ["ours.ts", "eager"] },
  { name: "ours-bfloat16", title: "ours, compiled, bfloat16", script: ["ours.ts", "bfloat16"], bfloat16: true },
  {
    name: "tfjs",
    title: "tfjs by itself",
    script: ["tfjs_peer.ts", "eager"],
    only: "step",
    methods: ["v2"],
    encoders: ["resnet18"],
  },
  { name: "pytorch-eager", title: "PyTorch", script: ["pytorch_peer.py", "eager"] },
  {
    name: "pytorch-channels-last",
    title: "PyTorch, channels_last",
    script: ["pytorch_peer.py", "channels-last"],
    methods: ["v2"], // a ViT has one convolution, and it is frozen
  },
  {
    name: "pytorch-compiled",
    title: "PyTorch, channels_last, compile",
    script: ["pytorch_peer.py", "channels-last,compile"],
  },
  {
    name: "pytorch-graphs",
    title: "PyTorch, channels_last, compile, CUDA graphs",
    script: ["pytorch_peer.py", "channels-last,graphs"],
    devices: ["gpu"],
  },
  {
    name: "pytorch-bfloat16",
    title: "PyTorch, channels_last, bfloat16",
    script: ["pytorch_peer.py", "channels-last,bfloat16"],
    bfloat16: true,
  },
  {
    name: "pytorch-bfloat16-compiled",
    title: "PyTorch, channels_last, bfloat16, compile",
    script: ["pytorch_peer.py", "channels-last,bfloat16,compile"],
    bfloat16: true,
  },
  {
    name: "pytorch-bfloat16-graphs",
    title: "PyTorch, channels_last, bfloat16, compile, CUDA graphs",
    script: ["pytorch_peer.py", "channels-last,bfloat16,graphs"],
    bfloat16: true,
    devices: ["gpu"],
  },
  {
    name: "jax",
    title: "JAX",
    script: ["jax_peer.py", "jit"],
    only: "step",
    methods: ["v2"],
    devices: ["cpu"], // requirements.txt has its build for processors
  },
  { name: "lightly", title: "Lightly", script: ["lightly_peer.py", "docs"], only: "epoch", methods: ["v2"] },
];

/**
 * Those that take a workload on this machine.
 *
 * @param work The workload.
 * @param machine What it runs on.
 * @param named Who may take part, also in bfloat16 where it is emulated. Default: all that gain by their precision.
 */
export function entrants(
  { method, encoder, images }: Pick<Workload, "method" | "encoder" | "images">,
  { device, bfloat16 }: { readonly device: Device; readonly bfloat16: boolean },
  named?: readonly string[],
): readonly Contestant[] {
  const kind = images === undefined ? "step" : "epoch";
  return contestants.filter((contestant) =>
    (contestant.only ?? kind) === kind && (contestant.methods?.includes(method) ?? true) &&
    (contestant.encoders?.includes(encoder) ?? true) &&
    (contestant.devices?.includes(device) ?? true) &&
    (named?.includes(contestant.name) ?? (bfloat16 || contestant.bfloat16 !== true))
  );
}

/** The command that starts a contestant. */
export function commandOf({ script: [file, variant] }: Contestant, python: string): readonly [string, string[]] {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return file.endsWith(".py") ? [python, [path, variant]] : [Deno.execPath(), ["run", "-A", path, variant]];
}
