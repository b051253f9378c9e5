/** Text that is already HTML. */
export type Html = { readonly html: string };

/** What a template takes: text is escaped, HTML is not, and `undefined` leaves nothing. */
export type Fragment = Html | string | number | undefined | readonly Fragment[];

/**
 * A template of HTML. Every value is escaped unless it is {@linkcode Html} itself, so that no name of a class or a
 * file can become markup.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  return { html: String.raw({ raw: strings }, ...values.map(render)) };
}

/**
 * Takes text as HTML without escaping it: only for text that the program itself made, such as an SVG of the plotter.
 */
export function trusted(text: string): Html {
  return { html: text };
}

function render(value: Fragment): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map(render).join("");
  if (typeof value === "object") return (value as Html).html;
  return escapeHtml(String(value));
}

/** Text with the characters that mean something in HTML written as references. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
