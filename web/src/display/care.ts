// What somebody asks of this screen from afar: load the page again, send a picture of what it shows. Knows nothing of
// the board.
import type { BoardView } from './board';

/** Pixels of the picture's longer side: enough to read the numbers, small enough for a village's line. */
const SIDE = 960;
const QUALITY = 0.7;
/** A picture that did not arrive is tried again after this. */
const RETRY_MS = 15_000;

async function drawn(): Promise<Blob | null> {
  const { toCanvas } = await import('html-to-image');
  const { innerWidth: width, innerHeight: height } = window;
  const scale = SIDE / Math.max(width, height);
  const canvas = await toCanvas(document.body, {
    width,
    height,
    canvasWidth: Math.round(width * scale),
    canvasHeight: Math.round(height * scale),
    pixelRatio: 1,
    // Fonts are the system's.
    skipFonts: true,
  });
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
}

async function send(): Promise<boolean> {
  try {
    const picture = await drawn();
    if (picture === null) return false;
    const answer = await fetch('/local/picture', { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: picture });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Does what is asked, each thing once. Give it every view. */
export function useCare(reload: () => void): (view: BoardView) => void {
  let firstReload: number | null = null;
  let sent = 0;
  let busy = false;
  let notBefore = 0;

  async function picture(wanted: number): Promise<void> {
    busy = true;
    if (await send()) sent = wanted;
    else notBefore = Date.now() + RETRY_MS;
    busy = false;
  }

  return (view) => {
    // Before the server has said anything nothing is asked.
    if (view.online && view.reload !== undefined) {
      firstReload ??= view.reload;
      if (view.reload !== firstReload) {
        reload();
        return;
      }
    }
    const wanted = view.picture_wanted ?? 0;
    if (wanted !== 0 && wanted !== sent && !busy && Date.now() >= notBefore) void picture(wanted);
  };
}
