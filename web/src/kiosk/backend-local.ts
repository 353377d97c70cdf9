// The kiosk binary on this machine: its own origin, no token.
import type { Appointment } from '../shared/appointments';
import { call } from '../shared/public-http';
import type { FoundTicket, Line, Matter, PhoneCode, Site, Ticket } from '../shared/public-types';
import type { Tracking } from '../shared/tracking';
import { t } from '../shared/words/kiosk';
import type { Sound } from './speaker';
import {
  POLL_MS,
  type Care,
  type CareSide,
  type KioskBackend,
  type KioskState,
  type Lost,
  type PrinterState,
  type PrinterStatus,
  type Rating,
  type TrackBy,
  type Wish,
} from './backend';

interface List<T> {
  readonly items?: readonly T[];
  readonly matters?: readonly T[];
}

/** The state as the binary sends it: the printer as one word, as its whole status, or not known. */
type Sent = Partial<Omit<KioskState, 'printer' | 'site' | 'lines'>> & {
  readonly site?: Site | null;
  readonly lines?: readonly Line[] | null;
  readonly printer?: { readonly state?: PrinterState | PrinterStatus | null } | null;
  /** Grows when the page is to be loaded again. */
  readonly reload?: number | null;
};

function printerState(sent: Sent['printer']): PrinterState {
  const state = sent?.state ?? 'unknown';
  if (typeof state === 'string') return state;
  if (!state.online) return 'offline';
  if (state.cover_open) return 'cover_open';
  if (state.paper === 'out') return 'paper_out';
  if (state.error) return 'error';
  return state.paper === 'near_end' ? 'paper_low' : 'ready';
}

/** A binary that never reached its server knows neither hall nor lines yet. */
function whole(sent: Sent): KioskState {
  return {
    ...sent,
    online: sent.online ?? false,
    since: sent.since ?? null,
    now: sent.now ?? null,
    site: sent.site ?? { id: '', name: t('kiosk.own') },
    lines: sent.lines ?? [],
    printer: { state: printerState(sent.printer) },
  };
}

export class LocalBackend implements KioskBackend {
  readonly care: CareSide = {
    look: () => call<Care>('/local/care'),
    testPrint: async (key) => {
      await call('/local/care/test-print', { method: 'POST', body: {}, key });
    },
    takeOver: async (wish) => {
      await call('/local/care/take-over', { method: 'POST', body: wish });
    },
  };

  async sound({ say, number = '', ahead = 0 }: Sound): Promise<ArrayBuffer | null> {
    try {
      const answer = await fetch(`/local/voice?${new URLSearchParams({ say, number, ahead: String(ahead) })}`);
      return answer.ok ? await answer.arrayBuffer() : null;
    } catch {
      return null;
    }
  }

  watch(onState: (state: KioskState) => void): () => void {
    let last: KioskState | null = null;
    let reload: number | undefined;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const sent = await call<Sent>('/local/state');
        last = whole(sent);
        // Somebody asked for it from afar.
        if (sent.reload !== undefined && sent.reload !== null) {
          reload ??= sent.reload;
          if (sent.reload !== reload) location.reload();
        }
        if (!ended) onState(last);
      } catch {
        if (last !== null && !ended) {
          last = last.online ? { ...last, online: false, since: new Date().toISOString() } : last;
          onState(last);
        }
      }
      if (!ended) timer = setTimeout(() => void look(), POLL_MS);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }

  takeNumber(wish: Wish, key: string): Promise<Ticket> {
    return call<Ticket>('/local/tickets', { method: 'POST', body: wish, key });
  }

  async searchMatters(query: string): Promise<readonly Matter[]> {
    const list = await call<List<Matter> | readonly Matter[]>(`/local/matters?query=${encodeURIComponent(query)}`);
    return Array.isArray(list) ? (list as readonly Matter[]) : ((list as List<Matter>).items ?? (list as List<Matter>).matters ?? []);
  }

  async matterWords(query: string): Promise<readonly string[]> {
    return (await call<{ items: readonly string[] }>(`/local/matters/words?query=${encodeURIComponent(query)}`)).items;
  }

  openMatter(matter: Matter): Promise<Matter> {
    return Promise.resolve(matter);
  }

  async findTickets(lost: Lost): Promise<readonly FoundTicket[]> {
    return (await call<{ items: readonly FoundTicket[] }>('/local/tickets/find', { method: 'POST', body: lost })).items;
  }

  async findAppointments(text: string): Promise<readonly Appointment[]> {
    return (await call<{ items: readonly Appointment[] }>('/local/appointments/find', { method: 'POST', body: { text } })).items;
  }

  async findAppointmentsByCard(): Promise<readonly Appointment[]> {
    const body = { with_card: true };
    return (await call<{ items: readonly Appointment[] }>('/local/appointments/find', { method: 'POST', body })).items;
  }

  async forgetCard(): Promise<void> {
    await call('/local/card/forget', { method: 'POST', body: {} });
  }

  checkIn(appointmentId: string, noSlip: boolean, key: string): Promise<Ticket> {
    const body = { appointment_id: appointmentId, ...(noSlip && { no_slip: true }) };
    return call<Ticket>('/local/appointments/check-in', { method: 'POST', body, key });
  }

  track(by: TrackBy): Promise<Tracking> {
    return call<Tracking>('/local/tracking', { method: 'POST', body: by });
  }

  async rate(rating: Rating, key: string): Promise<void> {
    await call('/local/evaluations', { method: 'POST', body: rating, key });
  }

  async phoneCode(): Promise<PhoneCode> {
    return call<PhoneCode>('/local/phone-code');
  }

  async reprint(ticketId: string, key: string): Promise<void> {
    await call('/local/tickets/reprint', { method: 'POST', body: { ticket_id: ticketId }, key });
  }
}
