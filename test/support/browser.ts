/**
 * Tests in a headless Chromium, where the machine has one. It reaches nothing but loopback.
 *
 * @module
 */
import { findChromium } from "./find_chromium.ts";
import { type Browser, type Page, puppeteer } from "./large_packages.ts";

/** What the page does not get from the network: every name but loopback's is unknown. */
const switches: readonly string[] = [
  "--no-sandbox", // Chromium refuses to run as root with it, and only our own pages are loaded
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--enable-unsafe-swiftshader", // WebGL without a graphics card
  "--disable-background-networking",
];

/** How long a page may take on a machine that does much else, milliseconds. */
const PATIENCE = 300_000;

const executablePath = findChromium();
let browser: Promise<Browser> | undefined;

/**
 * A test with a page of its own, in a browser that the file's tests share. It fails where the page says an error that
 * nothing caught. Where there is no Chromium it is skipped, and its name says so.
 *
 * @param name The test's name.
 * @param run What is tested.
 */
export function browserTest(name: string, run: (page: Page) => Promise<void>): void {
  if (executablePath === undefined) return Deno.test({ name: `${name} (no Chromium here)`, ignore: true, fn() {} });
  // The browser stays open from one test to the next.
  const sanitize = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({
    name,
    ...sanitize,
    fn: async () => {
      browser ??= launch(executablePath);
      const context = await (await browser).createBrowserContext();
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(PATIENCE);
        const errors: unknown[] = [];
        page.on("pageerror", (error) => errors.push(error));
        await run(page);
        if (errors.length > 0) throw new Error("The page said an error", { cause: errors[0] });
      } finally {
        await context.close();
      }
    },
  });
}

Deno.test.afterAll(async () => {
  await (await browser)?.close();
});

async function launch(executablePath: string): Promise<Browser> {
  const { launch } = await puppeteer();
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const patience = { timeout: PATIENCE, protocolTimeout: 2 * PATIENCE };
  return await launch({ executablePath, pipe: true, headless: true, args: switches, ...signals, ...patience });
}
