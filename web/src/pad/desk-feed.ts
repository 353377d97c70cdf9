// What happens at the window this pad stands at, from the server's live feed.
// Knows no page.
import { siteOfDevice } from '../shared/public-device';
import { openFeed } from '../shared/public-feed';
import type { Opening } from '../shared/public-types';

/** A visit or case that may be evaluated now. */
export interface Offer {
  readonly tracking_code: string;
  readonly ticket_number: string;
  readonly subject: 'visit' | 'case';
  readonly case_id?: string | null;
}

export interface PadState {
  readonly window: { readonly id: string; readonly number: number } | null;
  readonly staff_name: string | null;
  readonly line_name?: string | null;
  /** Where the photo of who sits there is read. */
  readonly staff_photo?: string | null;
  /** What the hall writes on its boards. */
  readonly notices?: readonly string[];
  readonly opening?: Opening;
  readonly evaluation: Offer | null;
  /** State of the ticket that is called or served here now. */
  readonly ticket_state?: string | null;
}

type PadEvent = { readonly type: string } & Partial<PadState>;

const RETRY_MS = 2000;

/** Calls back on every change; the answer ends it. */
export function watchWindow(onState: (state: PadState) => void, onOnline: (online: boolean) => void): () => void {
  let state: PadState = { window: null, staff_name: null, evaluation: null };
  let close: (() => void) | null = null;
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = async (): Promise<void> => {
    try {
      const site = await siteOfDevice();
      if (ended) return;
      close = openFeed<PadState, PadEvent>(`/api/v1/sites/${site}/feed?view=pad`, {
        frame: (frame) => {
          if (frame.kind === 'snapshot') state = frame.state;
          else if (frame.kind === 'event') state = { ...state, ...frame.event };
          onState(state);
        },
        online: onOnline,
      });
    } catch {
      onOnline(false);
      if (!ended) timer = setTimeout(() => void open(), RETRY_MS);
    }
  };
  void open();
  return () => {
    ended = true;
    clearTimeout(timer);
    close?.();
  };
}
