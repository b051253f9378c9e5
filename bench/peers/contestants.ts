/**
 * Who is compared, and how each is started.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** A program that takes the steps of a workload. */
export type Contestant = {
  readonly name: string;
  /** What a table calls it. */
  readonly title: string;
  /** The file beside this one, and the variant of it. */
  readonly script: readonly [file: string, variant: string];
  /** Whether it is for processors that compute in bfloat16. */
  readonly bfloat16?: boolean;
  /** Which kind of workload it takes: the step alone, a part of an epoch, or (absent) both. */
  readonly only?: "step" | "epoch";
};

/** Ours first: the others' ratios are to it. */
export const contestants: readonly Contestant[] = [
  { name: "ours-compiled", title: "ours, compiled", script: ["ours.ts", "compiled"] },
  { name: "ours-eager", title: "ours, eager", script: ["ours.ts", "eager"] },
  { name: "ours-bfloat16", title: "ours, compiled, bfloat16", script: ["ours.ts", "bfloat16"], bfloat16: true },
  { name: "pytorch-eager", title: "PyTorch", script: ["pytorch_peer.py", "eager"] },
  { name: "pytorch-channels-last", title: "PyTorch, channels_last", script: ["pytorch_peer.py", "channels-last"] },
  { name: "pytorch-compiled", title: "PyTorch, channels_last, compile", script: ["pytorch_peer.py", "compiled"] },
  {
    name: "pytorch-bfloat16",
    title: "PyTorch, channels_last, bfloat16",
    script: ["pytorch_peer.py", "bfloat16"],
    bfloat16: true,
  },
  { name: "jax", title: "JAX", script: ["jax_peer.py", "jit"], only: "step" },
  { name: "lightly", title: "Lightly", script: ["lightly_peer.py", "docs"], only: "epoch" },
];

/** Those that take a workload on this processor. */
export function entrants(kind: "step" | "epoch", bfloat16: boolean): readonly Contestant[] {
  return contestants.filter((contestant) =>
    (contestant.only ?? kind) === kind && (bfloat16 || contestant.bfloat16 !== true)
  );
}

/** The command that starts a contestant. */
export function commandOf({ script: [file, variant] }: Contestant, python: string): readonly [string, string[]] {
  const path = fromFileUrl(new URL(file, import.meta.url));
  return file.endsWith(".py") ? [python, [path, variant]] : [Deno.execPath(), ["run", "-A", path, variant]];
}
