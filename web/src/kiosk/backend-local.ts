// The kiosk binary on this machine: its own origin, no token.
import { call } from '../shared/public-http';
import type { Matter, Ticket } from '../shared/public-types';
import { POLL_MS, type KioskBackend, type KioskState, type Wish } from './backend';

interface List<T> {
  readonly items?: readonly T[];
  readonly matters?: readonly T[];
}

export class LocalBackend implements KioskBackend {
  watch(onState: (state: KioskState) => void): () => void {
    let last: KioskState | null = null;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        last = await call<KioskState>('/local/state');
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

  openMatter(matter: Matter): Promise<Matter> {
    return Promise.resolve(matter);
  }
}
