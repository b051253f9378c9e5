import { type Html, html, trusted } from "./html.ts";

/**
 * A chart with its title and caption.
 *
 * @param title What it shows.
 * @param label What a reader who cannot see it should know.
 * @param svg The chart, made by this program.
 * @param caption How to read it.
 */
export function figure(title: string, label: string, svg: string, caption: string): Html {
  // The picture is one image with a text of its own: a screen reader need not walk the marks of the plot.
  const labelled = svg.replace("<svg ", (start) => `${start}role="img" aria-label="${html`${label}`.html}" `);
  return html`
    <figure class="card"><h3>${title}</h3>${trusted(labelled)}<figcaption>${caption}</figcaption></figure>
  `;
}
