/**
 * Requests of a page that are refused, or whose answers come late.
 *
 * @module
 */
import type { Page } from "./large_packages.ts";

/** What a page knows of the answer that is held back in it. */
type Held = { readonly isHeld?: boolean; readonly release: () => void };

/**
 * Disturbs the first request of an address: it is refused, or its answer is held back until {@linkcode release}.
 *
 * @param page The page.
 * @param address A part of the address.
 * @param how What becomes of the request.
 * @param when Whether the page that is there is disturbed, or each page from the next load on.
 */
export async function disturb(
  page: Page,
  address: string,
  how: "refuse" | "hold",
  when: "now" | "from the next load" = "now",
): Promise<void> {
  if (when === "now") await page.evaluate(disturbing, address, how);
  else await page.evaluateOnNewDocument(disturbing, address, how);
}

/** In the page: takes the place of what asks the server. */
function disturbing(address: string, how: "refuse" | "hold"): void {
  const ask = globalThis.fetch;
  const { promise, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  globalThis.fetch = async (...asked) => {
    if (!isFirst || !String(asked[0]).includes(address)) return await ask(...asked);
    isFirst = false;
    if (how === "refuse") return Response.json({ error: "It is busy" }, { status: 503 });
    Object.assign(globalThis, { isHeld: true });
    const answer = await ask(...asked);
    await promise;
    return answer;
  };
  Object.assign(globalThis, { release: resolve });
}

/** Waits until the page has asked for what is held back. */
export async function waitUntilHeld(page: Page): Promise<void> {
  await page.waitForFunction(() => (globalThis as unknown as Held).isHeld);
}

/** Lets the answer that is held back come. */
export async function release(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as Held).release());
}
