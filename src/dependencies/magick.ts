/**
 * ImageMagick, as WebAssembly. Its package is fetched only where an image needs it.
 *
 * @module
 */

/** The package. */
export const magickPackage = {
  name: "@imagemagick/magick-wasm",
  version: "0.0.43",
  megabytes: 16,
  isProgram: true,
} as const;

/** What is used of an image. */
type MagickImage = {
  /** Bits a channel. */
  readonly depth: number;
  readonly autoOrient: () => void;
  readonly strip: () => void;
  readonly write: <T>(format: "PNG", use: (file: Uint8Array) => T) => T;
};

/** What is used of the package. */
export type Magick = {
  readonly initializeImageMagick: (module: Uint8Array) => Promise<void>;
  readonly MagickImageInfo: {
    readonly create: (file: Uint8Array) => { readonly width: number; readonly height: number };
  };
  readonly MagickReadSettings: new (settings: { readonly frameIndex: number; readonly frameCount: number }) => unknown;
  readonly ImageMagick: {
    readonly read: <T>(file: Uint8Array, settings: unknown, use: (image: MagickImage) => T) => T;
  };
  readonly ResourceLimits: { memory: bigint; disk: bigint };
};

/**
 * Loads ImageMagick from the folder that holds its program.
 *
 * @param folder The folder's URL, which ends in a slash.
 * @param memory The most bytes that an image may take while it is decoded.
 */
export async function loadMagick(folder: URL, memory: number): Promise<Magick> {
  const script = new URL("index.js", folder).href;
  const magick: Magick = await import(script);
  await magick.initializeImageMagick(await Deno.readFile(new URL("x86/magick.wasm", folder)));
  magick.ResourceLimits.memory = BigInt(memory);
  magick.ResourceLimits.disk = 0n;
  return magick;
}
