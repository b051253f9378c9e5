/**
 * Charts as files that stand by themselves, outside of a page.
 *
 * @module
 */
import about from "@fontsource/dejavu-sans/metadata.json" with { type: "json" };
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { light } from "./palette.ts";

/**
 * A chart as the text of an SVG file: on white, its colours written out.
 *
 * @param svg A chart whose colours are the page's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { standalone } from "./picture.ts";
 *
 * assertEquals(
 *   standalone('<svg width="2"><path fill="var(--card)"/></svg>'),
 *   '<svg width="2"><rect width="100%" height="100%" fill="#ffffff"/><path fill="#ffffff"/></svg>',
 * );
 * ```
 */
export function standalone(svg: string): string {
  return svg
    .replace(/^(<svg[^>]*>)/, '$1<rect width="100%" height="100%" fill="#ffffff"/>')
    .replaceAll(/var\(--([\w-]+)\)/g, (_, name: string) => light[name]);
}

/** The renderer, started once, and the font that every text is set in: neither depends on what the machine has. */
let font: Promise<Uint8Array> | undefined;

/**
 * A chart as a PNG of twice its size.
 *
 * @param svg A chart whose colours are the page's.
 */
export async function toPng(svg: string): Promise<Uint8Array> {
  font ??= start();
  const family = about.family;
  const rendered = new Resvg(standalone(svg), {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontBuffers: [await font], defaultFontFamily: family, sansSerifFamily: family },
  }).render();
  try {
    return rendered.asPng();
  } finally {
    rendered.free();
  }
}

async function start(): Promise<Uint8Array> {
  await initWasm(await fileOf("@resvg/resvg-wasm/index_bg.wasm"));
  return await fileOf("@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff2");
}

/** A file of a package that is imported above, and is therefore in Deno's cache, where its specifier resolves to a file. */
function fileOf(specifier: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(import.meta.resolve(specifier)));
}
