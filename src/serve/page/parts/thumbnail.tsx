import { useSignal } from "@preact/signals";
import { pointed } from "../state/chosen.ts";
import { detailsOf, pictureAddress } from "../state/collection.ts";

/** A small picture of an image, and its number until its details come. Where it cannot be shown, its name stands there. */
export function Thumbnail({ row }: { readonly row: number }) {
  const isBroken = useSignal(false);
  const image = detailsOf(row);
  if (image === undefined) return <span class="picture" role="img" aria-label={`Image ${row + 1}`} />;
  const name = image.path.split("/").at(-1);
  if (isBroken.value) return <span class="picture broken" title={image.path}>{name}</span>;
  return (
    <img
      class={Math.max(image.width, image.height) < 48 ? "picture pixels" : "picture"}
      src={pictureAddress("thumbnail", image.id)}
      alt={image.label === undefined ? image.path : `${image.label}, ${image.path}`}
      decoding="async"
      draggable={false}
      onError={() => isBroken.value = true}
      onPointerEnter={() => pointed.value = row}
      onPointerLeave={() => pointed.value = -1}
    />
  );
}
