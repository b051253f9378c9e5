/**
 * Two augmented views of an image, as the training of the encoder made them.
 *
 * @module
 */
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../server.ts";
import { encoder, version } from "../state/collection.ts";

/** Whether they are shown, which the reader chooses once for all images. */
const isOpen = signal(false);

/** What determines the views. */
const seed = signal(0);

/** The views of an image by its number. They are made once the reader opens this part. */
export function AugmentedViews({ id }: { readonly id: number }) {
  const picture = useSignal<string | undefined>(undefined);
  const error = useSignal<string | undefined>(undefined);
  const name = encoder.value?.name;
  useEffect(() => {
    if (!isOpen.value || name === undefined) return;
    const controller = new AbortController();
    picture.value = error.value = undefined;
    const path = `api/views/${encodeURIComponent(name)}?image=${id}&seed=${seed.value}&${version()}`;
    ask(path, { signal: controller.signal }).then((response) => response.blob()).then(
      (blob) => picture.value = URL.createObjectURL(blob),
      (thrown) => {
        if (!controller.signal.aborted) error.value = (thrown as Error).message;
      },
    );
    return () => {
      controller.abort();
      if (picture.value !== undefined) URL.revokeObjectURL(picture.value);
    };
  }, [id, name, seed.value, isOpen.value]);
  return (
    <details class="views" open={isOpen.value} onToggle={({ currentTarget }) => isOpen.value = currentTarget.open}>
      <summary>Two views, as in the training</summary>
      {error.value !== undefined ? <p class="wrong" role="status">{error.value}</p> : (
        <div class="line">
          {["First", "Second"].map((which) => (
            <span key={which} class="view">
              {picture.value !== undefined && <img src={picture.value} alt={`${which} view`} class={which} />}
            </span>
          ))}
          <button type="button" onClick={() => seed.value++}>Draw others</button>
        </div>
      )}
    </details>
  );
}
