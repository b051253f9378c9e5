/** Runs `f` where "bfloat16" means it on every machine ("always"), or on none ("never"). */
export function withBfloat16<T>(answer: "always" | "never", f: () => T): T {
  const before = Deno.env.get("MOCO_BFLOAT16");
  Deno.env.set("MOCO_BFLOAT16", answer);
  try {
    return f();
  } finally {
    if (before === undefined) Deno.env.delete("MOCO_BFLOAT16");
    else Deno.env.set("MOCO_BFLOAT16", before);
  }
}
