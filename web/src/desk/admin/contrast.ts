// How readable a colour is as an accent (WCAG 2.1), as the server reckons it: while somebody picks one, and only so.
const grounds = ['#ffffff', '#f8f6f2'];

function luminance(colour: string): number {
  const part = (at: number) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

/** The least contrast on white and paper, 1 to 21. */
export function contrastOf(colour: string): number {
  const own = luminance(colour);
  const ratios = grounds.map(luminance).map((ground) => (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05));
  return Math.min(...ratios);
}
