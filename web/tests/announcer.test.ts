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
      calls = [call(number), ...calls].slice(0, 8);
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
