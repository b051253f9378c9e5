import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Whether the keys are shown. */
export const isHelpOpen = signal(false);

const keys: readonly (readonly [string, string])[] = [
  ["Arrow keys", "go through the images, or move the map"],
  ["Space", "choose the image, or no longer"],
  ["Shift + arrow", "choose on the way"],
  ["Enter", "show the image large"],
  ["T", "tag what is chosen"],
  ["1 to 9", "the first nine tags, on and off"],
  ["S", "find what is like the chosen images"],
  ["Ctrl + A", "choose all that are shown"],
  ["Ctrl + Z", "undo"],
  ["Escape", "choose none; close"],
  ["On the map: + − 0", "zoom; show all"],
  ["L, R, V", "lasso, rectangle, what is in view"],
  ["Shift + drag", "lasso"],
  ["Among duplicates: M, K", "mark the image; keep the largest"],
  ["On a curve: ← →", "read the values of every run; with Shift, ten lines further"],
  ["Home, End, Escape", "read at the beginning; at the end; no longer"],
];

/** The keys, in a dialog. */
export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (isHelpOpen.value) dialog.current!.showModal();
  }, [isHelpOpen.value]);
  if (!isHelpOpen.value) return null;
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => isHelpOpen.value = false}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" class="actions">
        <button type="submit" class="main">Close</button>
      </form>
    </dialog>
  );
}
