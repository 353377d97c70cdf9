// The accent colour of a hall on the pages of citizens. The server takes only colours that stay readable on white and
// paper (4.5 : 1); 大字版 and high contrast ask for more than that, so there the house's own colours stay.
const roles = ['--primary', '--primary-hover', '--primary-press', '--deep', '--deep-line'] as const;
/** How much darker than the accent each role is, in per cent. */
const darker = [0, 20, 40, 45, 15];

function shade(colour: string, percent: number): string {
  const part = (at: number) => Math.floor((parseInt(colour.slice(at, at + 2), 16) * (100 - percent)) / 100);
  return `#${[1, 3, 5].map((at) => part(at).toString(16).padStart(2, '0')).join('')}`;
}

/** Shows a hall's colour, or the house's own again. */
export function showAccent(colour: string | null | undefined, root: HTMLElement = document.documentElement): void {
  const isPlain = root.dataset['mode'] !== 'elder' && root.dataset['contrast'] !== 'high';
  const shown = isPlain && colour && /^#[0-9a-f]{6}$/.test(colour) ? colour : undefined;
  for (const [at, role] of roles.entries()) {
    if (shown) root.style.setProperty(role, shade(shown, darker[at] ?? 0));
    else root.style.removeProperty(role);
  }
}
