// Looking at a page of the staff: what sticks out, what is cut off without saying so, what axe finds.
import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import { picture, standing, violations } from '../look';

/** Texts and controls that do not fit where they stand, once the page stands still: a chart follows its new width a little later. */
export function misfits(page: Page): Promise<readonly string[]> {
  return standing(() => whatSticksOut(page));
}

function whatSticksOut(page: Page): Promise<readonly string[]> {
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
    found.push(...overlaps());
    return [...new Set(found)].slice(0, 12);

    /** Words that stand on other words, where neither floats above the page on purpose. */
    function overlaps(): string[] {
      const floats = (one: HTMLElement) => {
        for (let up: HTMLElement | null = one; up; up = up.parentElement)
          if (/sticky|fixed|absolute/.test(getComputedStyle(up).position)) return true;
        return false;
      };
      const words: { one: HTMLElement; box: DOMRect }[] = [];
      const scope = document.querySelector('dialog[open], [role=dialog]') ?? document.querySelector('.page');
      for (const one of scope?.querySelectorAll<HTMLElement>('*') ?? []) {
        const text = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
        if (text.length === 0 || !isSeen(one) || one.closest('svg, .sr, option, select') || floats(one)) continue;
        const range = document.createRange();
        range.selectNodeContents(one);
        let { left, top, right, bottom } = range.getBoundingClientRect();
        for (let up: HTMLElement | null = one; up; up = up.parentElement) {
          const style = getComputedStyle(up);
          if (!/auto|scroll|hidden|clip/.test(`${style.overflowX}${style.overflowY}`)) continue;
          const edge = up.getBoundingClientRect();
          [left, top, right, bottom] = [
            Math.max(left, edge.left),
            Math.max(top, edge.top),
            Math.min(right, edge.right),
            Math.min(bottom, edge.bottom),
          ];
        }
        // What the letters fill, not the height of their line.
        const air = Number.parseFloat(getComputedStyle(one).fontSize) * 0.3;
        [top, bottom] = [top + air, bottom - air];
        if (right - left > 4 && bottom - top > 4) words.push({ one, box: new DOMRect(left, top, right - left, bottom - top) });
      }
      const said: string[] = [];
      words.forEach(({ one, box }, at) => {
        for (const { one: other, box: next } of words.slice(at + 1)) {
          if (one.contains(other) || other.contains(one)) continue;
          const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
          const high = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
          if (wide > 4 && high > 2) said.push(`on other words: ${name(one)} and ${name(other)}`);
        }
      });
      return said;
    }
  });
}

/** Looked at by everybody: nothing sticks out, nothing is cut, and axe is content. */
export async function look(page: Page, name: string, contrast = true): Promise<void> {
  await picture(page, name);
  expect.soft(await misfits(page), `${name}: what does not fit`).toEqual([]);
  expect.soft(await violations(page, contrast), `${name}: what axe finds`).toEqual([]);
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
