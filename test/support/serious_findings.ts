/// <reference lib="dom" />
import { axeScript, type Page } from "./large_packages.ts";

type Violation = {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
};

/** What axe finds on a page that is serious or critical, a line for each. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(await axeScript());
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: readonly Violation[] }> } };
    const { violations } = await axe.run();
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("; ")}`);
  });
}
