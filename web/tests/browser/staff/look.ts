// Looking at a page: what sticks out, what is cut off without saying so, what axe finds; and its picture where somebody
// asked for pictures.
import { createRequire } from 'node:module';
import { readFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Page } from 'playwright-core';

const axe = readFileSync(
  createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Texts and controls that do not fit where they stand. */
export function misfits(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const name = (one: Element) =>
      `${one.tagName.toLowerCase()}.${String(one.className).split(' ').slice(0, 2).join('.')} “${(one as HTMLElement).innerText?.trim().slice(0, 24)}”`;
    const isSeen = (one: HTMLElement) =>
      one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest('.sr, .skip, .el-message, option');
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const one of document.querySelectorAll<HTMLElement>('.staff *, dialog *, .kp, .kp *')) {
      if (!isSeen(one)) continue;
      const style = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || one instanceof SVGElement) continue;
      const isInline = style.display === 'inline';
      const scrolls = /auto|scroll/;
      // Cut off at the right without three dots.
      if (
        !isInline &&
        style.overflowX === 'hidden' &&
        style.textOverflow !== 'ellipsis' &&
        one.scrollWidth > one.clientWidth + 1 &&
        one.clientWidth > 2
      )
        found.push(`cut at the right: ${name(one)}`);
      if (
        !isInline &&
        /hidden|clip/.test(style.overflowY) &&
        style.webkitLineClamp === 'none' &&
        one.scrollHeight > one.clientHeight + 3 &&
        one.clientHeight > 2 &&
        !one.matches('img, body, html')
      )
        found.push(`cut at the bottom by ${one.scrollHeight - one.clientHeight}: ${name(one)}`);
      // Wider than itself: a button, a badge, a number, a key.
      if (
        one.matches('button, .btn, .badge, .no, kbd, .win') &&
        one.scrollWidth > Math.ceil(box.width) + 1 &&
        !scrolls.test(style.overflowX) &&
        style.textOverflow !== 'ellipsis'
      )
        found.push(`wider than its box: ${name(one)}`);
      if (
        one.matches('button, select, input:not([type=checkbox], [type=radio])') &&
        !one.closest('label') &&
        (box.height < 24 || box.width < 24)
      )
        found.push(`too small to hit, ${Math.round(box.width)} × ${Math.round(box.height)}: ${name(one)}`);
      if (one.matches('button, .btn, b, span, td, h1, h2, p') && one.children.length === 0 && one.innerText.trim()) {
        let shelf: HTMLElement | null = one.parentElement;
        while (shelf && !/auto|scroll|hidden|clip/.test(`${getComputedStyle(shelf).overflowX} ${getComputedStyle(shelf).overflowY}`))
          shelf = shelf.parentElement;
        const edge = shelf?.getBoundingClientRect();
        if (
          edge &&
          box.right > edge.right + 2 &&
          getComputedStyle(shelf!).textOverflow !== 'ellipsis' &&
          !scrolls.test(getComputedStyle(shelf!).overflowX)
        )
          found.push(`sticks out at the right: ${name(one)}`);
        if (box.right > innerWidth + 1) found.push(`beside the screen: ${name(one)}`);
      }
    }
    return [...new Set(found)].slice(0, 12);
  });
}

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe finds, one line each; only by some of its rules where they are named. */
export async function violations(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const found = await page.evaluate(async (only) => {
    const run = (window as unknown as { axe: { run: (context: Document, options: object) => Promise<{ violations: Finding[] }> } }).axe.run;
    const { violations } = await run(document, {
      resultTypes: ['violations'],
      ...(only ? { runOnly: { type: 'rule', values: only } } : {}),
    });
    return violations;
  }, rules);
  return found.flatMap(({ id, nodes }) =>
    nodes.slice(0, 4).map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary.split('\n')[1]?.trim() ?? ''}`),
  );
}

/** A picture of the page as somebody sees it, in the folder that was asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.YICHUANG_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

/** Looked at by everybody: nothing sticks out, nothing is cut, and axe is content. */
export async function look(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect.soft(await misfits(page), `${name}: what does not fit`).toEqual([]);
  expect.soft(await violations(page), `${name}: what axe finds`).toEqual([]);
}

/** Visible words in letters smaller than so many pixels, each with its size. */
export function smallWords(page: Page, pixels: number): Promise<readonly string[]> {
  return page.evaluate((least) => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small = new Set<string>();
    for (let node = words.nextNode(); node !== null; node = words.nextNode()) {
      const [text, element] = [node.textContent?.trim() ?? '', node.parentElement];
      if (text === '' || element === null || !element.checkVisibility({ visibilityProperty: true })) continue;
      const { width, height } = element.getBoundingClientRect();
      // For screen readers alone: there is nothing to see.
      if (width <= 1 || height <= 1) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < least) small.add(`${text} (${size})`);
    }
    return [...small];
  }, pixels);
}
