import { counted } from "../core/counted.ts";
import type { EmbedOutcome } from "./embed.ts";

/** What an embedding did, as text. */
export function renderEmbedded({ path, encoder, embedded, moved, gone, unusable, counts }: EmbedOutcome): string {
  const done = [
    `${counted(embedded, "image")} embedded`,
    ...moved === 0 ? [] : [`${moved.toLocaleString("en")} moved`],
    ...gone === 0 ? [] : [`${gone.toLocaleString("en")} gone`],
    ...unusable === 0 ? [] : [`${unusable.toLocaleString("en")} left out`],
  ];
  const { name, digest, dim } = encoder;
  return `${path}: ${counted(counts.images, "image")}, vectors of ${dim} numbers by ${name} (${digest.slice(0, 8)})\n` +
    done.join(", ");
}
