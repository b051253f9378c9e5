/** A short text for anything that a file operation throws. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if ((thrown as { readonly code?: unknown }).code === "ENOSPC") return "no space left on the device";
  if (thrown instanceof Deno.errors.NotFound) return "no such file or folder";
  if (thrown instanceof Deno.errors.NotADirectory) return "it is no folder";
  if (thrown instanceof Deno.errors.PermissionDenied) return "permission denied";
  return thrown.message.replace(/ ?\(os error \d+\).*$/s, "").replace(/[.\s]+$/, "");
}
