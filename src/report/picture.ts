/**
 * Charts as files of their own, outside a page.
 *
 * @module
 */
import { fontFamily, fontFile, initWasm, rendererFile, Resvg } from "../dependencies/resvg.ts";
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
  const rendered = new Resvg(standalone(svg), {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontBuffers: [await font], defaultFontFamily: fontFamily, sansSerifFamily: fontFamily },
  }).render();
  try {
    return rendered.asPng();
  } finally {
    rendered.free();
  }
}

async function start(): Promise<Uint8Array> {
  await initWasm(await Deno.readFile(new URL(rendererFile)));
  return await Deno.readFile(new URL(fontFile));
}
