import type { GalleryRow } from "./gallery.ts";
import { type Html, html } from "./html.ts";

/** Test images with their nearest training images. */
export function galleryTable(rows: readonly GalleryRow[]): Html | undefined {
  if (rows.length === 0) return undefined;
  const others = rows.flatMap((row) => row.neighbours).filter((neighbour) => !neighbour.same).length;
  const total = rows.flatMap((row) => row.neighbours).length;
  return html`
    <section>
      <h2>Nearest neighbours</h2>
      <p>Test images, each with the training images whose features are most similar to its own, and the cosine
    similarity. ${total -
      others} of ${total} show the same class; the others are outlined with dashes, their class in colour.</p>
      <div class="scroll">
        <table class="gallery">
          <thead>
            <tr><th scope="col">Test image</th>${rows[0].neighbours.map((_, i) =>
              html`<th scope="col">${i + 1}</th>`
            )}</tr>
          </thead>
          <tbody>${rows.map(({ query, neighbours }) =>
            html`
              <tr><td class="query"><img src="${query.source}" alt="Test image of class ${query.name}">
              <span class="name">${query.name}</span></td>${neighbours.map((neighbour) =>
                html`<td class="${neighbour.same ? "same" : "other"}">
<img src="${neighbour.source}" alt="${neighbour.same ? "Same class" : `Other class: ${neighbour.name}`}">
${neighbour.same ? undefined : html`<span class="name">${neighbour.name}</span>`}
<span class="similarity">${neighbour.similarity.toFixed(2)}</span></td>`
              )}</tr>
            `
          )}</tbody>
        </table>
      </div>
    </section>
  `;
}
