/**
 * Converts SVG to PNG, with the one font in which text is set, so that neither depends on what the machine has.
 *
 * @module
 */
export { initWasm, Resvg } from "npm:@resvg/resvg-wasm@2.6.2";
import about from "npm:@fontsource/dejavu-sans@5.3.0/metadata.json" with { type: "json" };

/** The font's name. */
export const fontFamily: string = about.family;

/** The renderer's WebAssembly module. */
export const rendererFile: string = import.meta.resolve("npm:@resvg/resvg-wasm@2.6.2/index_bg.wasm");

/** The font's file. */
export const fontFile: string = import.meta.resolve(
  "npm:@fontsource/dejavu-sans@5.3.0/files/dejavu-sans-latin-400-normal.woff2",
);
