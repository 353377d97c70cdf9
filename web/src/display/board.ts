// State of the hall board and its fold, the same rule as the one in the protocol crate.
// Knows no page and no transport.
import type { Frame, LineCount } from '../shared/public-feed';
import type { VolumeStep } from '../shared/spoken';
import type { DisplayLayout } from './layout';

export interface BoardCall {
  readonly number: string;
  readonly window_number: number;
  readonly called_at: string;
  readonly recall_count: number;
}

export interface BoardLine {
  readonly line_id: string;
  readonly name: string;
  readonly prefix: string;
  readonly count: number;
  /** The numbers that come next; nothing from an older server. */
  readonly next?: readonly string[];
}

export interface BoardWindow {
  readonly number: number;
  readonly state: string;
  readonly text: string | null;
}

export interface BoardState {
  readonly site: { readonly id: string; readonly name: string };
  readonly calls: readonly BoardCall[];
  readonly waiting: readonly BoardLine[];
  readonly windows: readonly BoardWindow[];
  readonly notices: readonly string[];
  /** Message of an emergency: it takes the whole screen. */
  readonly emergency?: string;
}

/** A change: a list that is present replaces the whole list. */
export type BoardEvent = { readonly type: string } & Partial<BoardState>;
export type BoardFrame = Exclude<Frame<BoardState, BoardEvent>, { kind: 'ping' }>;

/** Whether and how a screen speaks. */
export interface BoardVoice {
  /** Of the screens in one loudspeaker zone only one does. */
  readonly speaks: boolean;
  readonly repeats: number;
  readonly volume: readonly VolumeStep[];
}

export const USUAL_VOICE: BoardVoice = { speaks: true, repeats: 2, volume: [] };

/** What the display knows: the state, and until when it is true. */
export interface BoardView {
  readonly online: boolean;
  /** UTC milliseconds of the last sign of life; `null` before the first. */
  readonly synced_at: number | null;
  readonly state: BoardState | null;
  /** How far the hall's clock is ahead of this machine's, in milliseconds; nothing where nobody said. */
  readonly skew?: number;
  /** Grows when the page is to be loaded again; only the display's own program tells it. */
  readonly reload?: number;
  /** Number of the picture that somebody waits for; 0 for none. */
  readonly picture_wanted?: number;
  readonly voice?: BoardVoice;
  /** What it is to show; nothing where nobody said. */
  readonly layout?: DisplayLayout | null;
}

function counted(lines: readonly BoardLine[], counts: readonly LineCount[]): readonly BoardLine[] {
  return lines.map((line) => {
    const told = counts.find((one) => one.line_id === line.line_id);
    return told === undefined ? line : { ...line, count: told.count, ...(told.next ? { next: told.next } : {}) };
  });
}

/** The state after a frame; frames that need a state and have none change nothing. */
export function fold(state: BoardState | null, frame: BoardFrame): BoardState | null {
  if (frame.kind === 'snapshot') return frame.state;
  if (state === null) return null;
  if (frame.kind === 'waiting') return { ...state, waiting: counted(state.waiting, frame.waiting) };
  const { site, calls, waiting, windows, notices, emergency } = frame.event;
  // An empty message says that it is over.
  const told = emergency === undefined ? state.emergency : emergency || undefined;
  return {
    ...(told === undefined ? {} : { emergency: told }),
    site: site ?? state.site,
    calls: calls ?? state.calls,
    waiting: waiting ?? state.waiting,
    windows: windows ?? state.windows,
    notices: notices ?? state.notices,
  };
}

/** The same call, however often it was repeated. */
export function sameCall(one: BoardCall | null, other: BoardCall | null): boolean {
  return (
    one !== null &&
    other !== null &&
    one.number === other.number &&
    one.window_number === other.window_number &&
    one.called_at === other.called_at
  );
}
