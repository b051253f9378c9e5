/**
 * How an image from elsewhere becomes a search: it is dropped on the page, pasted, or chosen.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { encoder } from "../state/collection.ts";
import { searchByFile } from "../state/likes.ts";
import { say } from "../state/notice.ts";
import { view } from "../views/views.ts";

/** Searches by the first image among some files. */
function take(files: Iterable<File>): void {
  const [image] = [...files].filter(({ type }) => type.startsWith("image/"));
  if (image === undefined) {
    return say("An image is needed to search by: a JPEG, PNG, GIF, BMP or WebP", { isError: true });
  }
  if (encoder.value === undefined) return say("This collection has no vectors to search in", { isError: true });
  view.value = "images";
  searchByFile(image);
}

/** Takes images that are dropped or pasted anywhere, and shows where they go. */
export function DropTarget() {
  const isOver = useSignal(false);
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = false;
      take(event.dataTransfer!.files);
    };
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      if (clipboardData !== null && clipboardData.files.length > 0) take(clipboardData.files);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);
  return isOver.value ? <div class="drop">Drop the image to find what is like it</div> : null;
}

/** Chooses the image to search by. */
export function SearchButton() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        title="Choose, paste or drop an image to find what is like it"
        onClick={() => input.current!.click()}
      >
        Search by image
      </button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        aria-label="Image to search by"
        onChange={({ currentTarget }) => {
          take(currentTarget.files ?? []);
          currentTarget.value = "";
        }}
      />
    </>
  );
}
