import { percentOrDash, whole } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { Result, Summary } from "./summary.ts";

/** The final accuracies, the trained encoder first, and how they were measured. */
export function resultsTable({ results, data }: Summary): Html {
  const linear = results.find((result) => result.linear !== undefined)?.linear;
  const [{ knn }] = results;
  const row = (result: Result, index: number) =>
    html`
      <tr class="${index === 0 ? "main" : "baseline"}"><th scope="row">${result.features}</th>
      <td>${whole(result.dimension)}</td><td>${percentOrDash(result.knn.top1)}</td><td>${percentOrDash(
        result.knn.top5,
      )}</td>
      ${linear === undefined ? undefined : html`
        <td>${percentOrDash(result.linear?.top1)}</td>
        <td>${percentOrDash(result.linear?.top5)}</td>
      `}</tr>
    `;
  return html`
    <section>
      <h2>Results</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr><th scope="col">Features</th><th scope="col">Dimensions</th><th scope="col">kNN top-1</th>
    <th scope="col">kNN top-5</th>${linear === undefined ? undefined : html`
      <th scope="col">Linear top-1</th>
      <th scope="col">Linear top-5</th>
    `}</tr>
          </thead>
          <tbody>${results.map(row)}</tbody>
        </table>
      </div>
      <p class="note">Share of ${whole(data.test)} held-out images. kNN: ${knn.k} nearest of the ${whole(
        data.train,
      )} training
    images by cosine similarity, votes weighted by exp(s / ${knn.temperature}).
    ${linear === undefined
      ? undefined
      : html`Linear: one linear layer on frozen features, computed once without augmentation${
        linear.standardized ? " and standardised over the training images" : ""
      }; ${linear.epochs} epochs of SGD${
        linear.selection === undefined
          ? ""
          : ", learning rate chosen for each row on a held-out tenth of the training images"
      }.`}</p>
    </section>
  `;
}
