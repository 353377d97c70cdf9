// The server itself, with this browser's device token: polls the lines, asks the API.
import type { Appointment } from '../shared/appointments';
import { call, freshKey } from '../shared/public-http';
import { siteOfDevice } from '../shared/public-device';
import type { FoundTicket, Line, Matter, Opening, PhoneCode, Site, Ticket } from '../shared/public-types';
import type { Tracking } from '../shared/tracking';
import type { KioskBackend, KioskState, Lost, Rating, TrackBy, Wish } from './backend';

const LINES_POLL_MS = 2000;

export class ServerBackend implements KioskBackend {
  watch(onState: (state: KioskState) => void): () => void {
    let ended = false;
    let site: Site | null = null;
    let lines: readonly Line[] = [];
    let opening: Opening | null = null;
    let online = true;
    let since: string | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        site ??= await call<Site>(`/api/v1/sites/${await siteOfDevice()}`);
        lines = (await call<{ items: readonly Line[] }>(`/api/v1/sites/${site.id}/lines`)).items;
        // A server that does not say when it is open is not away.
        opening = await call<Opening>(`/api/v1/sites/${site.id}/opening-hours`).catch(() => null);
        if (!online) since = null;
        online = true;
      } catch {
        if (online) since = new Date().toISOString();
        online = false;
      }
      if (ended) return;
      if (site !== null) {
        onState({
          site,
          online,
          since,
          lines,
          opening: online ? opening : null,
          printer: { state: 'unknown' },
          now: null,
          public_url: location.origin,
        });
      }
      timer = setTimeout(() => void look(), LINES_POLL_MS);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }

  async takeNumber({ phone, ...wish }: Wish, key: string): Promise<Ticket> {
    const body = phone === undefined ? wish : { ...wish, holder: { phone } };
    return call<Ticket>(`/api/v1/sites/${await siteOfDevice()}/tickets`, { method: 'POST', body, key });
  }

  async searchMatters(query: string): Promise<readonly Matter[]> {
    const site = await siteOfDevice();
    return (await call<{ items: readonly Matter[] }>(`/api/v1/sites/${site}/matters?query=${encodeURIComponent(query)}&limit=30`)).items;
  }

  async matterWords(query: string): Promise<readonly string[]> {
    const path = `/api/v1/sites/${await siteOfDevice()}/matter-words?query=${encodeURIComponent(query)}`;
    return (await call<{ items: readonly string[] }>(path)).items;
  }

  async openMatter(matter: Matter): Promise<Matter> {
    return { ...matter, ...(await call<Matter>(`/api/v1/matters/${encodeURIComponent(matter.id)}`)) };
  }

  async findTickets(lost: Lost): Promise<readonly FoundTicket[]> {
    const path = `/api/v1/sites/${await siteOfDevice()}/tickets/find`;
    return (await call<{ items: readonly FoundTicket[] }>(path, { method: 'POST', body: lost, key: freshKey() })).items;
  }

  async findAppointments(text: string): Promise<readonly Appointment[]> {
    const path = `/api/v1/sites/${await siteOfDevice()}/appointments/find`;
    return (await call<{ items: readonly Appointment[] }>(path, { method: 'POST', body: { text }, key: freshKey() })).items;
  }

  /** A browser alone has no reader. */
  findAppointmentsByCard(): Promise<readonly Appointment[]> {
    return Promise.resolve([]);
  }

  forgetCard(): Promise<void> {
    return Promise.resolve();
  }

  checkIn(appointmentId: string, noSlip: boolean, key: string): Promise<Ticket> {
    const body = noSlip ? { no_slip: true } : {};
    return call<Ticket>(`/api/v1/appointments/${encodeURIComponent(appointmentId)}/check-in`, { method: 'POST', body, key });
  }

  async track({ tracking_code: code, short_code, number, query_code }: TrackBy): Promise<Tracking> {
    if (number !== undefined) return call<Tracking>('/api/v1/progress', { method: 'POST', body: { number, query_code } });
    const find = { method: 'POST', body: { site_id: await siteOfDevice(), short_code } } as const;
    const found = code ?? (await call<{ tracking_code: string }>('/api/v1/tracking/find', find)).tracking_code;
    return call<Tracking>(`/api/v1/tracking/${encodeURIComponent(found)}`);
  }

  async rate(rating: Rating, key: string): Promise<void> {
    await call('/api/v1/evaluations', { method: 'POST', body: { ...rating, channel: 'kiosk' }, key });
  }

  async phoneCode(): Promise<PhoneCode> {
    return call<PhoneCode>(`/api/v1/sites/${await siteOfDevice()}/phone-code`);
  }

  async reprint(ticketId: string, key: string): Promise<void> {
    await call(`/api/v1/tickets/${encodeURIComponent(ticketId)}/reprint`, { method: 'POST', body: {}, key });
  }
}
