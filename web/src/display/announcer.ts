// Which call stands in the panel, and its sound: one queue, never two at once, every call shown
// for a while, recalls after new calls. Picture and voice always name the same call.
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { chime, chineseVoice, hush, play, recallTones, setVolume, speak } from '../shared/public-voice';
import { loudness, spokenCall } from '../shared/spoken';
import { instant } from '../shared/public-clock';
import { sameCall, type BoardCall, type BoardVoice } from './board';
import { reportUnsaid, withoutSaid, withUnsaid, type Unsaid } from './unsaid';

const SHOWN_MS_MIN = 4000;
/** More calls waiting than this, and the voice says number and window only. */
const SHORT_ABOVE = 3;
/** A call that waited this long is said in few words too. */
const PATIENCE_MS = 20_000;
/** A call older than this, seen for the first time, is shown but no longer called out, and the board says so. */
const LATE_MS = 60_000;
/** More than any hall can call before they are said; beyond it the oldest is not called out either. */
const QUEUE_MAX = 200;
/** Newest calls that the server tells (`BOARD_CALLS_MAX`): where all of so many are new, others may be missing. */
const TOLD_MAX = 24;
/** A recalled older call gives the panel back to the newest after this. */
const RECALL_SHOWN_MS = 10_000;

interface Announcement {
  readonly call: BoardCall;
  readonly recall: boolean;
  /** When it began to wait, in milliseconds of `Date.now`. */
  readonly since: number;
}

export interface Announcer {
  readonly panel: ShallowRef<BoardCall | null>;
  /** Being called out right now. */
  readonly speaking: Ref<boolean>;
  /** Calls that wait to be called out: not shown yet. */
  readonly pending: ShallowRef<readonly BoardCall[]>;
  /** Grows with each spoken repeat: the panel's ground moves once per step. */
  readonly beat: Ref<number>;
  /** Calls that were not called out although this screen speaks; `null` for none. */
  readonly unsaid: ShallowRef<Unsaid | null>;
  /** `now` is the hall's time: this machine's clock may be wrong. */
  observe(calls: readonly BoardCall[], now: number): void;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function keyOf(call: BoardCall): string {
  return `${call.number} ${call.window_number} ${call.called_at}`;
}

/** The call in the voice of the display's own program; `null` where it has none. */
async function recorded(call: BoardCall, short: boolean): Promise<ArrayBuffer | null> {
  const query = new URLSearchParams({ number: call.number, window: String(call.window_number), short: String(short) });
  try {
    const answer = await fetch(`/local/voice?${query}`);
    return answer.ok ? await answer.arrayBuffer() : null;
  } catch {
    return null;
  }
}

function timeOfDay(now: number): string {
  // Legal time, whatever the machine's zone is.
  return new Date(now).toLocaleTimeString('zh-CN', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hour12: false });
}

/** `voice` says whether this screen speaks, how often and how loud, whenever it is asked; `local` whether the page came
    from the display's own program. */
export function useAnnouncer(voice: () => BoardVoice, local: boolean): Announcer {
  const panel = shallowRef<BoardCall | null>(null);
  const speaking = ref(false);
  const beat = ref(0);
  const pending = shallowRef<readonly BoardCall[]>([]);
  const unsaid = shallowRef<Unsaid | null>(null);
  let known: Map<string, number> | null = null;
  let newest: BoardCall | null = null;
  let queue: Announcement[] = [];
  let settle: ReturnType<typeof setTimeout> | undefined;
  /** How far the hall's clock is ahead of this machine's, in milliseconds. */
  let ahead = 0;
  let ended = false;

  async function sound({ call, recall, since }: Announcement): Promise<void> {
    const { speaks, repeats: wanted, volume } = voice();
    if (!speaks) {
      beat.value += 1;
      return;
    }
    setVolume(loudness(volume, timeOfDay(Date.now() + ahead)));
    const short = queue.length > SHORT_ABOVE || Date.now() - since > PATIENCE_MS;
    const [wav] = await Promise.all([local ? recorded(call, short) : null, recall ? recallTones() : chime()]);
    const repeats = (wav === null && chineseVoice.value === null) || queue.length > 0 ? 1 : wanted;
    for (let said = 0; said < repeats && !ended; said += 1) {
      beat.value += 1;
      // Each playing takes the bytes away.
      if (wav === null || !(await play(wav.slice(0)))) await speak(spokenCall(call.number, call.window_number, short));
    }
  }

  async function run(): Promise<void> {
    speaking.value = true;
    clearTimeout(settle);
    for (let next = queue.shift(); next !== undefined && !ended; next = queue.shift()) {
      panel.value = next.call;
      pending.value = queue.filter((one) => !one.recall).map((one) => one.call);
      await Promise.all([pause(SHOWN_MS_MIN), sound(next)]);
    }
    speaking.value = false;
    if (!sameCall(panel.value, newest)) {
      settle = setTimeout(() => {
        panel.value = newest;
      }, RECALL_SHOWN_MS);
    }
  }

  function falls(silent: readonly BoardCall[], more: boolean, now: number): void {
    if (!voice().speaks || (silent.length === 0 && !more)) return;
    unsaid.value = withUnsaid(unsaid.value, silent, more, now);
    console.warn('not said:', silent.map((call) => call.number).join(' '), more ? 'and others' : '');
    if (local && unsaid.value !== null) void reportUnsaid(unsaid.value);
  }

  function takeIn(calls: readonly BoardCall[], before: ReadonlyMap<string, number>, now: number): void {
    const late: BoardCall[] = [];
    for (const call of [...calls].reverse()) {
      const repeated = before.get(keyOf(call));
      const isNew = repeated === undefined;
      if (isNew && now - (instant(call.called_at) ?? now) > LATE_MS) late.unshift(call);
      else if (isNew || call.recall_count > repeated) {
        queue.push({ call, recall: !isNew, since: Date.now() });
        unsaid.value = withoutSaid(unsaid.value, call.number);
      }
    }
    queue = [...queue.filter((one) => !one.recall), ...queue.filter((one) => one.recall)];
    const lost = queue.splice(0, Math.max(0, queue.length - QUEUE_MAX)).map((one) => one.call);
    // Behind the newest stand older ones that are at a window still.
    const more = calls.length >= TOLD_MAX && !calls.slice(0, TOLD_MAX).some((call) => before.has(keyOf(call)));
    falls([...lost.reverse(), ...late], more, now);
  }

  function observe(calls: readonly BoardCall[], now: number): void {
    const before = known;
    ahead = now - Date.now();
    known = new Map(calls.map((call) => [keyOf(call), call.recall_count]));
    newest = calls[0] ?? null;
    if (before !== null) takeIn(calls, before, now);
    pending.value = queue.filter((one) => !one.recall).map((one) => one.call);
    if (speaking.value) return;
    if (queue.length > 0) void run();
    else if (settle === undefined || panel.value === null || !calls.some((call) => sameCall(call, panel.value))) panel.value = newest;
    else if (sameCall(panel.value, newest)) panel.value = newest;
  }

  onScopeDispose(() => {
    ended = true;
    queue = [];
    clearTimeout(settle);
    hush();
  });
  return { panel, speaking, beat, pending, unsaid, observe };
}
