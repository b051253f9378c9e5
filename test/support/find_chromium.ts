/** Where Chromium and Chrome usually are. */
const usual: readonly string[] = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The machine's Chromium: the one that `MOCO_CHROMIUM` names, or one in a usual place, or `undefined`. */
export function findChromium(): string | undefined {
  return [Deno.env.get("MOCO_CHROMIUM") ?? [], usual].flat().find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
