// Which call stands in the panel, and its sound: one queue, never two at once, every call shown
// for a while, recalls after new calls. Picture and voice always name the same call.
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { chime, chineseVoice, hush, recallTones, speak, spokenNumber } from '../shared/public-voice';
import { instant } from '../shared/public-clock';
import { sameCall, type BoardCall } from './board';

const SHOWN_MS_MIN = 4000;
const REPEATS = 2;
/** More calls waiting than this, and the voice says number and window only. */
const SHORT_ABOVE = 3;
/** A call older than this, seen for the first time, is shown but no longer called out. */
const LATE_MS = 60_000;
const QUEUE_MAX = 50;
/** A recalled older call gives the panel back to the newest after this. */
const RECALL_SHOWN_MS = 10_000;

interface Announcement {
  readonly call: BoardCall;
  readonly recall: boolean;
}

export interface Announcer {
  readonly panel: ShallowRef<BoardCall | null>;
  /** Being called out right now. */
  readonly speaking: Ref<boolean>;
  /** Calls that wait to be called out: not shown yet. */
  readonly pending: ShallowRef<readonly BoardCall[]>;
  /** Grows with each spoken repeat: the panel's ground moves once per step. */
  readonly beat: Ref<number>;
  observe(calls: readonly BoardCall[], now: number): void;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function keyOf(call: BoardCall): string {
  return `${call.number} ${call.window_number} ${call.called_at}`;
}

function spoken(call: BoardCall, short: boolean): string {
  const number = spokenNumber(call.number);
  return short ? `${number} 号，${call.window_number} 号窗口` : `请 ${number} 号到 ${call.window_number} 号窗口办理业务`;
}

/** `audible` is false where another screen speaks, as above a window. */
export function useAnnouncer(audible: boolean): Announcer {
  const panel = shallowRef<BoardCall | null>(null);
  const speaking = ref(false);
  const beat = ref(0);
  const pending = shallowRef<readonly BoardCall[]>([]);
  let known: Map<string, number> | null = null;
  let newest: BoardCall | null = null;
  let queue: Announcement[] = [];
  let settle: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  async function sound({ call, recall }: Announcement): Promise<void> {
    if (!audible) {
      beat.value += 1;
      return;
    }
    const repeats = chineseVoice.value === null || queue.length > 0 ? 1 : REPEATS;
    await (recall ? recallTones() : chime());
    for (let said = 0; said < repeats && !ended; said += 1) {
      beat.value += 1;
      await speak(spoken(call, queue.length > SHORT_ABOVE));
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

  function observe(calls: readonly BoardCall[], now: number): void {
    const before = known;
    known = new Map(calls.map((call) => [keyOf(call), call.recall_count]));
    newest = calls[0] ?? null;
    if (before !== null) {
      for (const call of [...calls].reverse()) {
        const repeated = before.get(keyOf(call));
        const late = now - (instant(call.called_at) ?? now) > LATE_MS;
        if (repeated === undefined && !late) queue.push({ call, recall: false });
        else if (repeated !== undefined && call.recall_count > repeated) queue.push({ call, recall: true });
      }
      queue = [...queue.filter((one) => !one.recall), ...queue.filter((one) => one.recall)].slice(-QUEUE_MAX);
    }
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
  return { panel, speaking, beat, pending, observe };
}
