// Many calls at once: each is shown and said, one after the other, in order; what waits long is said in few words.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope } from 'vue';
import type { BoardCall } from '../src/display/board';

interface Sound {
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

const sounds: Sound[] = [];
const CHIME_MS = 600;
/** A word takes about a third of a second. */
const WORD_MS = 300;

vi.mock('../src/shared/public-voice', () => {
  const heard = (what: string, lengthMs: number) =>
    new Promise<void>((resolve) => {
      const from = Date.now();
      setTimeout(() => {
        sounds.push({ what, from, to: Date.now() });
        resolve();
      }, lengthMs);
    });
  return {
    chineseVoice: { value: { lang: 'zh-CN' } },
    chime: () => heard('chime', CHIME_MS),
    recallTones: () => heard('recall', CHIME_MS),
    speak: (text: string) => heard(text, text.length * WORD_MS),
    play: () => Promise.resolve(false),
    setVolume: () => undefined,
    hush: () => undefined,
  };
});

const { useAnnouncer } = await import('../src/display/announcer');

beforeEach(() => {
  sounds.length = 0;
  vi.useFakeTimers({ now: new Date('2026-11-24T09:00:00+08:00') });
});
afterEach(() => vi.useRealTimers());

const call = (number: number, recalls = 0): BoardCall => ({
  number: `A${String(number).padStart(3, '0')}`,
  window_number: number,
  called_at: new Date().toISOString(),
  recall_count: recalls,
});

describe('ten calls in one second', () => {
  it('are all shown and said, in order and never two at once', async () => {
    const scope = effectScope();
    const announcer = scope.run(() => useAnnouncer(() => ({ speaks: true, repeats: 2, volume: [] }), false))!;
    announcer.observe([], Date.now());
    const shown: string[] = [];
    let calls: BoardCall[] = [];
    for (let number = 1; number <= 10; number += 1) {
      calls = [call(number), ...calls].slice(0, 24);
      announcer.observe(calls, Date.now());
      await vi.advanceTimersByTimeAsync(100);
    }
    for (let passed = 0; passed < 120_000; passed += 500) {
      const now = announcer.panel.value?.number;
      if (now !== undefined && shown.at(-1) !== now) shown.push(now);
      await vi.advanceTimersByTimeAsync(500);
    }
    const said = sounds.filter((one) => one.what.includes('窗口'));
    const first = said.filter((one, at) => one.what !== said[at - 1]?.what).map((one) => one.what);
    expect(first).toHaveLength(10);
    expect(first[0]).toBe('请A零零一号到一号窗口办理');
    expect(first.slice(0, 3).concat(first.at(-1)!)).toEqual([
      '请A零零一号到一号窗口办理',
      'A零零二号，二号窗口',
      'A零零三号，三号窗口',
      // The last ones waited longer than the bound.
      'A零一零号，十号窗口',
    ]);
    expect(shown).toEqual(Array.from({ length: 10 }, (_, at) => `A${String(at + 1).padStart(3, '0')}`));
    sounds.slice(1).forEach((one, at) => expect(one.from, one.what).toBeGreaterThanOrEqual(sounds[at]!.to));
    expect(announcer.pending.value).toEqual([]);
    scope.stop();
  });

  it('come before a recall, which has tones of its own', async () => {
    const scope = effectScope();
    const announcer = scope.run(() => useAnnouncer(() => ({ speaks: true, repeats: 1, volume: [] }), false))!;
    const old = call(1);
    announcer.observe([old], Date.now());
    announcer.observe([{ ...old, recall_count: 1 }], Date.now());
    await vi.advanceTimersByTimeAsync(100);
    announcer.observe([{ ...old, recall_count: 2 }], Date.now());
    announcer.observe([call(2), { ...old, recall_count: 2 }], Date.now());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sounds.filter((one) => !one.what.includes('窗口')).map((one) => one.what)).toEqual(['recall', 'chime', 'recall']);
    scope.stop();
  });

  it('are shown without a sound where another screen of the zone speaks', async () => {
    const scope = effectScope();
    const announcer = scope.run(() => useAnnouncer(() => ({ speaks: false, repeats: 2, volume: [] }), false))!;
    announcer.observe([], Date.now());
    announcer.observe([call(1)], Date.now());
    await vi.advanceTimersByTimeAsync(20_000);
    expect(announcer.panel.value?.number).toBe('A001');
    expect(sounds).toEqual([]);
    scope.stop();
  });
});

describe('calls that come too late to be said', () => {
  const MINUTE_MS = 60_000;
  const old = (number: number, ageMs: number, recalls = 0): BoardCall => ({
    ...call(number, recalls),
    called_at: new Date(Date.parse('2026-11-24T09:00:00+08:00') - ageMs).toISOString(),
  });
  const begin = (speaks: boolean) => {
    const scope = effectScope();
    const announcer = scope.run(() => useAnnouncer(() => ({ speaks, repeats: 1, volume: [] }), true))!;
    return { scope, announcer };
  };
  const reports: unknown[] = [];
  beforeEach(() => {
    reports.length = 0;
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.stubGlobal('fetch', (path: string, asked?: RequestInit) => {
      if (path === '/local/unsaid') reports.push(JSON.parse(String(asked?.body)));
      return Promise.resolve(new Response(null, { status: 404 }));
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  const said = (): string[] => sounds.filter((one) => one.what.includes('窗口')).map((one) => one.what);

  it('are told, and the younger ones of the same moment are said', async () => {
    const { scope, announcer } = begin(true);
    const first = old(1, 10 * MINUTE_MS);
    announcer.observe([first], Date.now());
    announcer.observe([old(4, MINUTE_MS / 2), old(3, 2 * MINUTE_MS), old(2, 5 * MINUTE_MS), first], Date.now());
    await vi.advanceTimersByTimeAsync(20_000);
    expect(said()).toEqual(['请A零零四号到四号窗口办理']);
    expect(announcer.unsaid.value).toMatchObject({ numbers: ['A003', 'A002'], more: false });
    expect(reports).toEqual([{ numbers: ['A003', 'A002'], more: false }]);
    expect(console.warn).toHaveBeenCalledWith('not said:', 'A003 A002', '');

    // Called again it is said after all.
    announcer.observe([old(4, MINUTE_MS / 2), old(3, 2 * MINUTE_MS, 1), old(2, 5 * MINUTE_MS), first], Date.now());
    await vi.advanceTimersByTimeAsync(20_000);
    expect(said().at(-1)).toBe('请A零零三号到三号窗口办理');
    expect(announcer.unsaid.value?.numbers).toEqual(['A002']);
    scope.stop();
  });

  it('are told without their numbers where more were called than a board remembers', async () => {
    const { scope, announcer } = begin(true);
    announcer.observe([old(1, 10 * MINUTE_MS)], Date.now());
    // As many new ones as a board remembers, and nobody knows whether one more was between.
    announcer.observe(
      Array.from({ length: 24 }, (_, at) => old(40 - at, 250 * at)),
      Date.now(),
    );
    expect(announcer.unsaid.value).toMatchObject({ numbers: [], more: true });
    expect(reports).toEqual([{ numbers: [], more: true }]);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(said()).toHaveLength(24);
    scope.stop();
  });

  it('are none where old numbers at their windows stand behind the newest, and a recall of one of those is said', async () => {
    const { scope, announcer } = begin(true);
    const atWindow = [old(1, 30 * MINUTE_MS), old(2, 30 * MINUTE_MS)];
    const newest = Array.from({ length: 24 }, (_, at) => old(60 - at, 5 * MINUTE_MS));
    announcer.observe([...newest, ...atWindow], Date.now());
    announcer.observe([...newest, { ...atWindow[0]!, recall_count: 1 }, atWindow[1]!], Date.now());
    await vi.advanceTimersByTimeAsync(20_000);
    expect(said()).toEqual(['请A零零一号到一号窗口办理']);
    // Other newest ones in the place of all that were known, beside an old one that still is.
    announcer.observe([...Array.from({ length: 24 }, (_, at) => old(90 - at, 250 * at)), atWindow[1]!], Date.now());
    expect(announcer.unsaid.value).toMatchObject({ numbers: [], more: true });
    scope.stop();
  });

  it('are judged by the hall’s clock, not by that of the machine', async () => {
    const { scope, announcer } = begin(true);
    // The machine is five minutes fast.
    const hallNow = Date.now() - 5 * MINUTE_MS;
    announcer.observe([], hallNow);
    announcer.observe([{ ...call(1), called_at: new Date(hallNow).toISOString() }], hallNow);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(said()).toEqual(['请A零零一号到一号窗口办理']);
    expect(announcer.unsaid.value).toBeNull();
    scope.stop();
  });

  it('are nobody’s loss in the usual course, and no matter of a screen that does not speak', async () => {
    const { scope, announcer } = begin(true);
    let calls: BoardCall[] = [];
    announcer.observe(calls, Date.now());
    for (let number = 1; number <= 30; number += 1) {
      calls = [call(number), ...calls].slice(0, 24);
      announcer.observe(calls, Date.now());
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(announcer.unsaid.value).toBeNull();
    await vi.advanceTimersByTimeAsync(200_000);
    const numbers = new Set(said().map((text) => /A(\S+?)号/.exec(text)?.[1]));
    expect(numbers.size, 'all of them are said').toBe(30);
    scope.stop();

    const silent = begin(false);
    silent.announcer.observe([old(1, 10 * MINUTE_MS)], Date.now());
    silent.announcer.observe([old(2, 5 * MINUTE_MS), old(1, 10 * MINUTE_MS)], Date.now());
    expect(silent.announcer.unsaid.value).toBeNull();
    expect(reports).toEqual([]);
    silent.scope.stop();
  });
});
