// What the kiosk page needs from the world, and the choice between the kiosk binary on this
// machine and the server itself. Knows no page.
import type { Appointment } from '../shared/appointments';
import type { Level } from '../shared/public-evaluation';
import type { FoundTicket, Line, Matter, Opening, PhoneCode, Site, Ticket } from '../shared/public-types';
import type { Tracking } from '../shared/tracking';
import { LocalBackend } from './backend-local';
import { ServerBackend } from './backend-server';
import type { Sound } from './speaker';

export type PrinterState = 'ready' | 'paper_low' | 'paper_out' | 'cover_open' | 'offline' | 'error' | 'unknown' | 'none';

/** A printer as the device protocol describes it. */
export interface PrinterStatus {
  readonly online: boolean;
  readonly paper: 'ok' | 'near_end' | 'out' | 'unknown';
  readonly cover_open: boolean;
  readonly error: boolean;
}

export interface KioskState {
  readonly site: Site;
  readonly online: boolean;
  /** Since when it is so, RFC 3339. */
  readonly since: string | null;
  readonly lines: readonly Line[];
  /** When the hall is open; unknown while the line is cut. */
  readonly opening?: Opening | null;
  readonly printer: { readonly state: PrinterState };
  readonly now: string | null;
  /** Where citizens' phones reach the server; without it no QR is shown. */
  readonly public_url?: string | null;
  /** Rule for missed numbers as printed on the slip. */
  readonly missed_rule?: string | null;
  /** How the hall's keeper is, where this kiosk can be it. */
  readonly keeper?: {
    readonly is_keeper: boolean;
    readonly is_deciding: boolean;
    readonly unsent: number;
    readonly trouble?: KeeperTrouble | null;
  } | null;
  /** What this machine wrote down was damaged when its program started; the old file is kept. */
  readonly was_damaged?: boolean;
  /** The reader of identity cards, where there is one. */
  readonly reader?: ReaderState | null;
}

/** What hinders the keeper. */
export type KeeperTrouble = 'clock_wrong' | 'disk_full' | 'journal_damaged';

export interface ReaderState {
  readonly is_ready: boolean;
  /** A card lay there a moment ago that could not be read. */
  readonly is_unreadable: boolean;
  /** The card of the person who stands there, masked. */
  readonly card: { readonly name: string; readonly number: string; readonly has_expired: boolean; readonly read_ms: number } | null;
}

export interface Wish {
  readonly line_id?: string;
  readonly matter_ids?: readonly string[];
  readonly priority?: 'ordinary' | 'green';
  /** In the name of whose card was read. */
  readonly with_card?: boolean;
  /** Where the person is to be told that the turn comes near. */
  readonly phone?: string;
  /** The person wants no slip. */
  readonly no_slip?: boolean;
}

/** How the machine is, for the person in charge. */
export interface Care {
  readonly device_id: string | null;
  readonly version: string;
  readonly server: string;
  readonly online: boolean;
  /** The hall's keeper answers in the place of the centre. */
  readonly is_beside: boolean;
  readonly since: string;
  readonly last_heard: string | null;
  readonly now: string;
  readonly printer: PrinterStatus | null;
  readonly has_reader: boolean | null;
  readonly disk_free: number | null;
  readonly is_disk_low: boolean;
  readonly open_commands: number;
  readonly lines: number;
  readonly matters: number;
  readonly keeper: CareKeeper | null;
  readonly was_damaged?: boolean;
  /** Who can let this machine take over from the keeper, while that can be. */
  readonly supervisors: readonly { readonly username: string; readonly name: string }[];
}

export interface CareKeeper {
  readonly is_keeper: boolean;
  readonly is_deciding: boolean;
  readonly unsent: number;
  readonly trouble?: KeeperTrouble | null;
  /** The letters of its own numbers. */
  readonly series: string;
  /** Where the hall reaches it. */
  readonly address: string | null;
  /** Whether a person can let it take over. */
  readonly standby: Standby;
}

export type Standby =
  | { readonly state: 'none' | 'line_up' | 'keeper_there' | 'ready' }
  | { readonly state: 'waits'; readonly wait_s: number }
  | { readonly state: 'took_over'; readonly both: boolean };

export interface TakeOverWish {
  readonly username: string;
  readonly pin: string;
  /** That the machine before is switched off. */
  readonly is_off: boolean;
}

export interface TakeOverSide {
  takeOver(wish: TakeOverWish): Promise<void>;
}

/** What the person in charge can do at the machine. */
export interface CareSide extends TakeOverSide {
  look(): Promise<Care>;
  testPrint(key: string): Promise<void>;
}

/** What somebody without a slip can tell: one of them. */
export interface Lost {
  /** The card that was read. */
  readonly with_card?: boolean;
  readonly phone?: string;
  readonly id_number?: string;
  /** The code beside the slip's QR code, */
  readonly short_code?: string;
  /** and the one in it, when it is scanned. */
  readonly tracking_code?: string;
}

/** By what a visit or case is found: the code that was scanned, the one beside it, or a case's number and query code. */
export interface TrackBy {
  readonly tracking_code?: string;
  readonly short_code?: string;
  readonly number?: string;
  readonly query_code?: string;
}

/** A rating as somebody touched it. */
export interface Rating {
  readonly tracking_code: string;
  readonly subject: string;
  readonly case_id?: string;
  readonly level: Level;
  readonly reason_codes: readonly string[];
}

/** The kiosk's world; every refusal is thrown as a `ProblemError`. */
export interface KioskBackend {
  /** Only the kiosk's own program has it. */
  readonly care?: CareSide;
  /** A sentence in the voice of the kiosk's own program; `null` where it has none. */
  readonly sound?: (asked: Sound) => Promise<ArrayBuffer | null>;
  /** Calls back with the first state and with every later one; the answer ends it. */
  watch(onState: (state: KioskState) => void): () => void;
  /** Takes a number; the same key is never taken twice. */
  takeNumber(wish: Wish, key: string): Promise<Ticket>;
  searchMatters(query: string): Promise<readonly Matter[]>;
  /** Chinese words to touch for the pinyin at the end of what was typed. */
  matterWords(query: string): Promise<readonly string[]>;
  /** The matter with its materials. */
  openMatter(matter: Matter): Promise<Matter>;
  /** Numbers that go on of somebody who lost the slip; at least one, or a refusal. */
  findTickets(lost: Lost): Promise<readonly FoundTicket[]>;
  /** Today's appointments of somebody who came, by code, scanned address, phone or ID number. */
  findAppointments(text: string): Promise<readonly Appointment[]>;
  /** The number of an appointment, without a slip for whoever wants none; asked again it is the same one. */
  checkIn(appointmentId: string, noSlip: boolean, key: string): Promise<Ticket>;
  /** The same of whose card was read. */
  findAppointmentsByCard(): Promise<readonly Appointment[]>;
  /** The card that was read is nobody's any more. */
  forgetCard(): Promise<void>;
  /** How far a visit and its cases are. */
  track(by: TrackBy): Promise<Tracking>;
  /** Gives a rating; the same key is never given twice. */
  rate(rating: Rating, key: string): Promise<void>;
  /** The address for phones. */
  phoneCode(): Promise<PhoneCode>;
  /** Prints a slip again, marked 补打; the same key is never printed twice. */
  reprint(ticketId: string, key: string): Promise<void>;
}

export const POLL_MS = 1000;

/** The kiosk binary answers `/local/state` with JSON; anything else means the page came from the server. */
export async function detectBackend(): Promise<KioskBackend> {
  try {
    const answer = await fetch('/local/state', { headers: { accept: 'application/json' }, cache: 'no-store' });
    if (answer.ok && (answer.headers.get('content-type') ?? '').includes('json')) return new LocalBackend();
  } catch {
    // The page came from the server, or the kiosk binary is just starting: both end in the server's way or a later try.
  }
  return new ServerBackend();
}
