/**
 * The colours of reports and charts.
 *
 * @module
 */

/** Colours by the name of their custom property, without dashes. */
export type Palette = Readonly<Record<string, string>>;

/** By day, and on paper. */
export const light: Palette = {
  "page": "#fbfbfa",
  "card": "#ffffff",
  "ink": "#1b1d22",
  "muted": "#626772",
  "line": "#dfe1e6",
  "accent": "#1f5fbf",
  "series-1": "#1f5fbf",
  "series-2": "#c2570c",
  "series-3": "#0b7a63",
  "series-4": "#8a4fa8",
  "wrong": "#b3261e",
};

/** By night. */
export const dark: Palette = {
  "page": "#14161a",
  "card": "#1b1e24",
  "ink": "#eceef2",
  "muted": "#a0a6b2",
  "line": "#343943",
  "accent": "#82b1ff",
  "series-1": "#82b1ff",
  "series-2": "#ffa45c",
  "series-3": "#5fd3b5",
  "series-4": "#d6a2ee",
  "wrong": "#ff9088",
};

/** A palette as CSS. */
export function declarations(palette: Palette): string {
  return Object.entries(palette).map(([name, color]) => `--${name}: ${color};`).join(" ");
}
