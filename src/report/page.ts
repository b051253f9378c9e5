import { type Html, html, trusted } from "./html.ts";
import { style } from "./style.ts";

/**
 * A page that needs nothing else: no script, no network; its content security policy forbids both.
 *
 * @param title The page's title.
 * @param body What stands on it.
 * @returns The document.
 */
export function page(title: string, body: Html): string {
  const document = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <title>${title}</title>
        <style>${trusted(style)}</style>
      </head>
      <body>
        <main>
    ${body}
        </main>
      </body>
    </html>
  `;
  return `${document.html.trim()}\n`;
}
