import { dotChart } from "./charts.ts";
import { figure } from "./figure.ts";
import { percentOrDash, share, whole } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { Summary } from "./summary.ts";

/** The most classes that the chart shows; the table below it has them all. */
const CHART_CLASSES = 24;

/** The accuracy of each class: a chart of the hardest and a table of all. */
export async function classAccuracy(summary: Summary): Promise<Html | undefined> {
  const named = summary.results.flatMap((result) => [
    ...(result.linear === undefined ? [] : [{ name: `${result.features}, linear`, scores: result.linear.perClass }]),
    { name: `${result.features}, kNN`, scores: result.knn.perClass },
  ]);
  const order = [...(named[0]?.scores ?? [])].sort((a, b) => (a.accuracy ?? 2) - (b.accuracy ?? 2));
  if (order.length === 0) return undefined;
  // The encoder by both measures, and each baseline by the first of them: more dots than four hide each other.
  const perResult = summary.results[0].linear === undefined ? 1 : 2;
  const shown = named.filter((_, i) => i < perResult || (i - perResult) % perResult === 0).slice(0, 4);
  const label = (one: { readonly label: number; readonly name?: string }) => one.name ?? String(one.label);
  const charted = order.slice(0, CHART_CLASSES);
  const svg = await dotChart({
    x: "Held-out images predicted right (%)",
    classes: charted.map(label),
    series: shown.map(({ name, scores }) => ({
      name,
      values: charted.map((one) => share(scores[one.label]?.accuracy ?? undefined) ?? null),
    })),
  });
  const row = (one: typeof order[number]) =>
    html`
      <tr><th scope="row">${label(one)}</th><td>${whole(one.count)}</td>${named.map(({ scores }) =>
        html`<td>${percentOrDash(scores[one.label]?.accuracy ?? undefined)}</td>`
      )}</tr>
    `;
  const hardest = order.slice(0, 3).map((one) => `${label(one)} ${percentOrDash(one.accuracy ?? undefined)}`).join(
    ", ",
  );
  return html`<section><h2>Classes</h2>
${
    figure(
      "Accuracy of each class",
      `Accuracy of each class, the hardest first. ${shown[0].name}: ${hardest}.`,
      svg,
      `The hardest first, by ${shown[0].name}.${
        order.length > charted.length ? ` ${charted.length} of ${order.length} classes; the table has all.` : ""
      }`,
    )
  }
<details><summary>Table of the classes</summary>
<div class="scroll"><table>
<thead><tr><th scope="col">Class</th><th scope="col">Images</th>${
    named.map(({ name }) => html`<th scope="col">${name}</th>`)
  }</tr></thead>
<tbody>${order.map(row)}</tbody>
</table></div></details>
</section>`;
}
