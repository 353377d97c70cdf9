// A scanner types the whole address of a QR code like a keyboard, then Enter. Which code it is says its address.
import { onBeforeUnmount } from 'vue';

/** Addresses in the QR codes of slip and appointment. */
const SLIP = /\/t\/([0-9A-Za-z]{16})$/;
const BOOKED = /\/book\/([0-9A-Za-z]{16})$/;
const TYPED_MAX = 200;

export interface Scanned {
  readonly of: 'slip' | 'appointment';
  readonly code: string;
}

export function readScan(typed: string): Scanned | null {
  const slip = SLIP.exec(typed)?.[1];
  if (slip !== undefined) return { of: 'slip', code: slip };
  const booked = BOOKED.exec(typed)?.[1];
  return booked === undefined ? null : { of: 'appointment', code: booked };
}

/** Listens as long as the component lives; every other key goes on to whoever wants it. */
export function useScanner(scanned: (what: Scanned) => void): void {
  let typed = '';
  function heard(event: KeyboardEvent): void {
    if (event.key.length === 1) typed = (typed + event.key).slice(-TYPED_MAX);
    if (event.key !== 'Enter') return;
    const found = readScan(typed);
    typed = '';
    if (found === null) return;
    // A touched button of the screen has the focus: the scanner's Enter must not press it again.
    event.preventDefault();
    event.stopImmediatePropagation();
    scanned(found);
  }
  // Before the listeners of the screens.
  window.addEventListener('keydown', heard, true);
  onBeforeUnmount(() => window.removeEventListener('keydown', heard, true));
}
