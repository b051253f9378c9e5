import { dark, declarations, light } from "./palette.ts";

/** The report's style sheet: light and dark by the reader's setting, readable on a phone and on paper. */
export const style: string = `
:root {
  color-scheme: light dark;
  ${declarations(light)}
}
@media (prefers-color-scheme: dark) {
  :root {
    ${declarations(dark)}
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 0.35rem; }
h2 { font-size: 1.25rem; letter-spacing: -0.01em; margin: 3rem 0 0.5rem; }
h3 { font-size: 0.95rem; font-weight: 600; margin: 0 0 0.5rem; }
p { max-width: 50rem; margin: 0 0 1rem; }
.lead, .note, figcaption { color: var(--muted); }
.note, figcaption { font-size: 0.875rem; }
.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem;
  margin: 1.75rem 0 0; padding: 0;
}
.figures div, .card {
  background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.1rem;
}
.figures dt { color: var(--muted); font-size: 0.875rem; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.9rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.02em; }
.figures .note { line-height: 1.4; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; }
.charts .card { display: flex; flex-direction: column; }
.charts figcaption { margin-top: auto; padding-top: 0.5rem; }
table + .note, .scroll + .note { margin-top: 0.75rem; }
svg.marks { display: block; max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); font-weight: 500; font-size: 0.875rem; }
tbody th { font-weight: 500; }
tbody tr.main th, tbody tr.main td { font-weight: 650; }
.pairs { width: auto; }
.pairs td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.gallery { border-collapse: separate; border-spacing: 0 0.35rem; width: auto; }
.gallery th, .gallery td {
  border: 0; padding: 0 0.3rem; text-align: center; vertical-align: top;
  font-size: 0.75rem; line-height: 1.3;
}
.gallery td:first-child { padding-right: 1.1rem; }
.gallery img {
  display: block; width: 3.5rem; height: 3.5rem; object-fit: contain; image-rendering: pixelated;
  border-radius: 0.3rem; margin: 0 auto 0.2rem; background: #808080;
}
.gallery .query img { outline: 2px solid var(--accent); outline-offset: 2px; }
.gallery .query img, .gallery .other img { margin-bottom: 0.35rem; }
.gallery .other img { outline: 2px dashed var(--wrong); outline-offset: 2px; }
.gallery .other .name { color: var(--wrong); font-weight: 600; }
.gallery .name { display: block; max-width: 5.5rem; white-space: normal; }
.gallery .similarity { color: var(--muted); font-variant-numeric: tabular-nums; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: 0.75rem; }
.sheet img {
  display: block; width: 7rem; height: 7rem; object-fit: contain; image-rendering: pixelated;
  background: #808080;
}
.sheet figcaption { font-size: 0.75rem; line-height: 1.3; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); padding: 0.75rem 0; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 500; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
pre { overflow-x: auto; font: 0.8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media print { body { background: none; } .card, tr { break-inside: avoid; } }
`;
