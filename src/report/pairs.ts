import { type Html, html } from "./html.ts";

/** A table of names and values, one row for each. */
export function pairs(values: Readonly<Record<string, string>>): Html {
  const row = ([name, value]: readonly [string, string]) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
      </tr>
    `;
  return html`
    <div class="scroll">
      <table class="pairs">
        <tbody>${Object.entries(values).map(row)}</tbody>
      </table>
    </div>
  `;
}
