import { notice } from "../state/notice.ts";
import { undo } from "../state/undo.ts";

/** What happened, at the foot of the page. */
export function NoticeLine() {
  const said = notice.value;
  return (
    <div class="notices" role="status" aria-live="polite">
      {said !== undefined && (
        <div class={said.isError ? "notice error" : "notice"}>
          <span>{said.text}</span>
          {said.canUndo && <button type="button" onClick={() => undo()}>Undo</button>}
          <button type="button" class="icon" aria-label="Close" onClick={() => notice.value = undefined}>×</button>
        </div>
      )}
    </div>
  );
}
