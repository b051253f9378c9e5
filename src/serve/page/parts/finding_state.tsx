import type { Finding } from "../state/analysis.ts";

/** What is shown until something is found: how far it is, or why it cannot be found. */
export function FindingState<A>({ finding, what }: { readonly finding: Finding<A>; readonly what: string }) {
  if (finding.error !== undefined) return <p class="empty error" role="alert">{finding.error}</p>;
  const { done, count } = finding.progress ?? { done: 0, count: 1 };
  const percent = Math.floor(100 * done / count);
  return (
    <div class="empty">
      <p>{what} … {percent} %</p>
      <progress aria-label={what} max={count} value={done} />
      <p class="muted">Every image is compared with every other one, once. The other views work meanwhile.</p>
    </div>
  );
}
