import { useLayoutEffect, useRef } from "preact/hooks";
import { prompt } from "../state/prompt.ts";

/** The dialog in which a question is answered. */
export function PromptDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const asked = prompt.value;
  // Before the next frame, so that no key that is typed goes elsewhere.
  useLayoutEffect(() => {
    if (asked === undefined) return;
    dialog.current!.showModal();
    input.current!.select();
  }, [asked]);
  if (asked === undefined) return null;
  return (
    <dialog
      ref={dialog}
      class="prompt"
      aria-label={asked.question}
      onClose={() => prompt.value = undefined}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <form
        method="dialog"
        onSubmit={() => {
          const text = input.current!.value.trim();
          if (text !== "") asked.answer(text);
        }}
      >
        <label>
          {asked.question}
          <input ref={input} type="text" list="known" value={asked.text} maxLength={200} autocomplete="off" />
        </label>
        <datalist id="known">{asked.known.map((text) => <option key={text} value={text} />)}</datalist>
        <div class="actions">
          <button type="button" onClick={() => dialog.current!.close()}>Cancel</button>
          <button type="submit" class="main">OK</button>
        </div>
      </form>
    </dialog>
  );
}
