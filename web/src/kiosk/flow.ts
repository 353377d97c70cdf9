// The way of one person through the kiosk: which screen, what was asked for, what came of it.
// Knows no layout and no transport.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { hindrance, type Appointment } from '../shared/appointments';
import { freshKey, problemOf, type Problem } from '../shared/public-http';
import type { FoundTicket, Line, Matter, Ticket } from '../shared/public-types';
import type { Tracking } from '../shared/tracking';
import type { KioskBackend, Lost, Rating, TrackBy, Wish } from './backend';

/** What was asked for when something went wrong. */
export type Asked = 'number' | 'find' | 'appointment' | Followed;
/** What somebody wants of a visit or case that was found by its code. */
export type Followed = 'progress' | 'rate';

export type Screen =
  | { readonly name: 'home' }
  | { readonly name: 'green' }
  | { readonly name: 'ask'; readonly line: Line }
  | { readonly name: 'search' }
  | { readonly name: 'matter'; readonly matter: Matter }
  | { readonly name: 'picked' }
  | { readonly name: 'remind'; readonly take: (phone: string | undefined) => void; readonly from: Screen }
  | { readonly name: 'number'; readonly ticket: Ticket; readonly lineName: string; readonly noSlip: boolean }
  | { readonly name: 'trouble'; readonly problem: Problem; readonly again: (() => void) | null; readonly asked: Asked }
  | { readonly name: 'phone' }
  | { readonly name: 'find' }
  | { readonly name: 'found'; readonly tickets: readonly FoundTicket[] }
  | { readonly name: 'came' }
  | { readonly name: 'booked'; readonly appointments: readonly Appointment[] }
  | { readonly name: 'asks' }
  | { readonly name: 'track'; readonly wanted: Followed }
  | { readonly name: 'progress'; readonly tracking: Tracking }
  | { readonly name: 'rate'; readonly tracking: Tracking }
  | { readonly name: 'rated' }
  | { readonly name: 'care' }
  | { readonly name: 'help' };

/** Matters on one number that fit the screen; the server takes more. */
export const PICKED_MAX = 6;
const RETRIES_MAX = 2;
const RETRY_MS = 1500;

export interface Flow {
  readonly screen: ShallowRef<Screen>;
  /** A number is being taken: nothing else can be touched. */
  readonly busy: Ref<boolean>;
  /** Matters for one number, and what is wrong with them by id. */
  readonly picked: ShallowRef<readonly Matter[]>;
  readonly faults: ShallowRef<ReadonlyMap<string, string>>;
  /** Whether the person wants no slip; the next one gets one again. */
  readonly noSlip: Ref<boolean>;
  go(screen: Screen): void;
  home(): void;
  take(wish: Wish, lineName: string): void;
  open(matter: Matter): void;
  find(lost: Lost): void;
  /** The appointments of somebody who came, by what was typed or scanned. */
  came(text: string): void;
  /** The same of whose card was read. */
  cameByCard(): void;
  /** The code of one appointment was scanned: its number comes out at once, as far as it can be had. */
  scanned(code: string, now: number): void;
  checkIn(appointment: Appointment): void;
  /** How far a visit or case is, or its rating. */
  track(by: TrackBy, wanted: Followed): void;
  rate(rating: Rating): void;
  /** One matter more on the number, or one less. */
  pick(matter: Matter): void;
  unpick(matter: Matter): void;
  takePicked(priority: 'ordinary' | 'green'): void;
}

/**
 * `hasCard` tells whether somebody's card was read: then their number is in their name. `asksPhone` whether the hall sends
 * messages: then a phone number can be left before a number is taken.
 */
export function useFlow(backend: KioskBackend, hasCard: () => boolean = () => false, asksPhone: () => boolean = () => false): Flow {
  const screen = shallowRef<Screen>({ name: 'home' });
  const busy = ref(false);

  const picked = shallowRef<readonly Matter[]>([]);
  const faults = shallowRef<ReadonlyMap<string, string>>(new Map());
  const noSlip = ref(false);

  const go = (next: Screen): void => {
    if (screen.value.name === 'number') noSlip.value = false;
    screen.value = next;
  };
  const empty = (): void => {
    picked.value = [];
    faults.value = new Map();
  };

  async function withRetries(take: () => Promise<Ticket>): Promise<Ticket> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await take();
      } catch (error) {
        if (problemOf(error).code !== 'no_answer' || tries === RETRIES_MAX) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async function whileBusy(work: () => Promise<void>, again: () => void, asked: Asked = 'number'): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    try {
      await work();
    } catch (error) {
      go({ name: 'trouble', problem: problemOf(error), again, asked });
    } finally {
      busy.value = false;
    }
  }

  const named = (wish: Wish): Wish => (hasCard() ? { ...wish, with_card: true } : wish);
  const withPhone = (wish: Wish, phone: string | undefined): Wish => (phone === undefined ? wish : { ...wish, phone });
  const withSlip = (wish: Wish): Wish => (noSlip.value ? { ...wish, no_slip: true } : wish);
  const numberFor = (ticket: Ticket, lineName: string, wish: Wish): Screen => ({
    name: 'number',
    ticket,
    lineName,
    noSlip: wish.no_slip === true,
  });

  /** Asks for a phone number first, where one is of use. */
  function afterPhone(take: (phone: string | undefined) => void): void {
    if (asksPhone()) go({ name: 'remind', take, from: screen.value });
    else take(undefined);
  }

  function takeWith(wish: Wish, lineName: string, key: string): void {
    void whileBusy(
      async () => {
        go(numberFor(await withRetries(() => backend.takeNumber(wish, key)), lineName, wish));
        empty();
      },
      () => takeWith(wish, lineName, key),
    );
  }

  function open(matter: Matter): void {
    void whileBusy(
      async () => go({ name: 'matter', matter: await backend.openMatter(matter) }),
      () => open(matter),
    );
  }

  function pick(matter: Matter): void {
    if (!picked.value.some((one) => one.id === matter.id)) picked.value = [...picked.value, matter];
    faults.value = new Map();
    go({ name: 'picked' });
  }

  function unpick(matter: Matter): void {
    picked.value = picked.value.filter((one) => one.id !== matter.id);
    faults.value = new Map();
    if (picked.value.length === 0) go({ name: 'search' });
  }

  /** What is wrong with single matters stays beside them; everything else is told as for one. */
  function takePicked(priority: 'ordinary' | 'green', phone: string | undefined): void {
    const matters = picked.value;
    const wish = withSlip(withPhone(named({ matter_ids: matters.map((one) => one.id), priority }), phone));
    const key = freshKey();
    const attempt = (): void =>
      void whileBusy(async () => {
        try {
          go(numberFor(await withRetries(() => backend.takeNumber(wish, key)), matters[0]?.name ?? '', wish));
          empty();
        } catch (error) {
          const wrong = faultsOf(problemOf(error), matters);
          if (wrong.size === 0) throw error;
          faults.value = wrong;
          go({ name: 'picked' });
        }
      }, attempt);
    attempt();
  }

  function find(lost: Lost): void {
    void whileBusy(
      async () => go({ name: 'found', tickets: await backend.findTickets(lost) }),
      () => go({ name: 'find' }),
      'find',
    );
  }

  function came(text: string): void {
    void whileBusy(
      async () => go({ name: 'booked', appointments: await backend.findAppointments(text) }),
      () => go({ name: 'came' }),
      'appointment',
    );
  }

  function cameByCard(): void {
    void whileBusy(
      async () => go({ name: 'booked', appointments: await backend.findAppointmentsByCard() }),
      () => go({ name: 'came' }),
      'appointment',
    );
  }

  async function scanned(code: string, now: number): Promise<void> {
    let found: readonly Appointment[] = [];
    const look = async (): Promise<void> => {
      found = await backend.findAppointments(code);
      go({ name: 'booked', appointments: found });
    };
    await whileBusy(look, () => go({ name: 'came' }), 'appointment');
    const [one] = found;
    if (one !== undefined && hindrance(one, now) === '') checkIn(one);
  }

  function track(by: TrackBy, wanted: Followed): void {
    void whileBusy(
      async () => {
        const tracking = await backend.track(by);
        go(wanted === 'rate' ? { name: 'rate', tracking } : { name: 'progress', tracking });
      },
      () => go({ name: 'track', wanted }),
      wanted,
    );
  }

  /** Asked again after no answer the key stays, so that nobody rates twice. What was rated already is as good as said. */
  function rate(rating: Rating): void {
    const key = freshKey();
    const attempt = (): void =>
      void whileBusy(
        async () => {
          try {
            await backend.rate(rating, key);
          } catch (error) {
            if (problemOf(error).code !== 'rated_already') throw error;
          }
          go({ name: 'rated' });
        },
        attempt,
        'rate',
      );
    attempt();
  }

  function checkIn(appointment: Appointment): void {
    const key = freshKey();
    const wantsNone = noSlip.value;
    const attempt = (): void =>
      void whileBusy(
        async () => {
          const ticket = await withRetries(() => backend.checkIn(appointment.id, wantsNone, key));
          go({ name: 'number', ticket, lineName: appointment.line_name, noSlip: wantsNone });
        },
        attempt,
        'appointment',
      );
    attempt();
  }

  return {
    screen,
    busy,
    picked,
    faults,
    noSlip,
    go,
    home: () => {
      empty();
      go({ name: 'home' });
    },
    take: (wish, lineName) => afterPhone((phone) => takeWith(withSlip(withPhone(named(wish), phone)), lineName, freshKey())),
    open,
    find,
    came,
    cameByCard,
    scanned: (code, now) => void scanned(code, now),
    track,
    rate,
    checkIn,
    pick,
    unpick,
    takePicked: (priority) => afterPhone((phone) => takePicked(priority, phone)),
  };
}

/** The server names a wrong matter by its place: `matter_ids[1]`. */
function faultsOf(problem: Problem, matters: readonly Matter[]): Map<string, string> {
  const wrong = new Map<string, string>();
  for (const { field, message } of problem.errors ?? []) {
    const matter = matters[Number(/^matter_ids\[(\d+)\]$/.exec(field)?.[1] ?? -1)];
    if (matter !== undefined && !wrong.has(matter.id)) wrong.set(matter.id, message);
  }
  return wrong;
}
