// What axe finds on a page, all of it, and the page's picture where somebody asked for pictures. Knows no page.
import { createRequire } from 'node:module';
import { readFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const axe = readFileSync(
  createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** So often is a page looked at before what is found counts. */
const LOOKS = 8;

/**
 * What axe finds, of any weight, one line each. `contrast` is most of its time, and not asked again where the same colours
 * were just looked at.
 */
export function violations(page: Page, contrast = true, only?: readonly string[]): Promise<readonly string[]> {
  return standing(() => whatAxeFinds(page, contrast, only));
}

/**
 * What is still found when the page had time to stand still. A fault that stays is found every time; one that is gone a
 * moment later was a page on its way, which nobody sees.
 */
export async function standing(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (let looks = 1; ; looks++) {
    const found = await look();
    if (found.length === 0 || looks === LOOKS) return found;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function whatAxeFinds(page: Page, contrast: boolean, only?: readonly string[]): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const asked = {
    resultTypes: ['violations'],
    rules: { 'color-contrast': { enabled: contrast } },
    ...(only ? { runOnly: { type: 'rule', values: only } } : {}),
  };
  const found = await page.evaluate(async (options) => {
    const run = (window as unknown as { axe: { run: (context: Document, options: object) => Promise<{ violations: Finding[] }> } }).axe.run;
    const { violations } = await run(document, options);
    return violations;
  }, asked);
  return found.flatMap(({ id, nodes }) =>
    nodes.slice(0, 4).map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary.split('\n')[1]?.trim() ?? ''}`),
  );
}

/** A picture of the page as somebody sees it, in the folder that was asked for. */
export async function picture(page: Page, name: string, more: { fullPage?: boolean } = {}): Promise<void> {
  const folder = process.env.YICHUANG_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', ...more });
}
