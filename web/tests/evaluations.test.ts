// What is owed of a negative rating, by column and colour, and the words of its signs.
import { describe, expect, it } from 'vitest';
import type { NegativeEvaluation } from '../src/shared/contract';
import { appealMark, byUrgency, columnOf, dueMark, placeText, signalTexts } from '../src/desk/evaluations/words';

const NOON = Date.parse('2026-11-24T12:00:00+08:00');
const rating = (over: Partial<NegativeEvaluation>) =>
  ({ id: 'ev_dc_1', at: '2026-11-24T10:00:00+08:00', state: 'opened', subject: 'visit', overdue: false, ...over }) as NegativeEvaluation;

describe('the board', () => {
  it('puts each rating under the step that is owed', () => {
    expect(columnOf(rating({}))).toBe('verify');
    const found = (finding: 'valid' | 'invalid') =>
      rating({ state: 'verified', verification: { finding, at: '', by_name: null, text: '' } });
    expect(columnOf(found('valid'))).toBe('rectify');
    expect(columnOf(found('invalid'))).toBe('reply');
    expect(columnOf(rating({ state: 'rectified' }))).toBe('reply');
    expect(columnOf(rating({ state: 'replied' }))).toBe('call_back');
    expect(columnOf(rating({ state: 'closed', step: 'decide_appeal' }))).toBe('tail');
    expect(columnOf(rating({ state: 'closed', step: null }))).toBe('closed');
  });

  it('has the most urgent on top, and what has no day below', () => {
    const day = (id: string, due_at: string | null) => rating({ id, due_at });
    const list = [day('late', '2026-11-30T23:59:59+08:00'), day('none', null), day('soon', '2026-11-25T23:59:59+08:00')];
    expect(list.sort(byUrgency).map((one) => one.id)).toEqual(['soon', 'late', 'none']);
  });

  it('says when something is due in colour and words', () => {
    const due = (due_at: string, overdue = false) => dueMark({ due_at, overdue }, NOON);
    expect(due('2026-11-26T23:59:59.999+08:00')).toEqual({ tone: 'x', icon: 'clock', word: '11月26日前' });
    expect(due('2026-11-24T23:59:59.999+08:00')?.word).toBe('今天到期');
    expect(due('2026-11-23T23:59:59.999+08:00', true)).toEqual({ tone: 'D', icon: 'alert', word: '过期 1 天' });
    expect(dueMark({ due_at: null, overdue: false, missing_year: 2028 }, NOON)?.word).toBe('缺 2028 年日历');
    expect(dueMark({ due_at: null, overdue: false }, NOON)).toBeUndefined();
  });
});

describe('words', () => {
  it('tell where, and an appeal that waits apart from one that is decided', () => {
    expect(placeText(rating({ window_number: 3 }))).toBe('11月24日 · 3 号窗口');
    expect(placeText(rating({ subject: 'case' }))).toBe('11月24日 · 办件');
    const appeal = (upheld: boolean | null) => appealMark({ at: '', reason: '', upheld, decision: null })?.word;
    expect([appeal(null), appeal(true), appeal(false)]).toEqual(['申诉待复核', '申诉成立', '申诉不成立']);
  });

  it('mark only the signs that are worth a look', () => {
    const signals = { after_s: 2, quick: true, same_source: 4, window_min: 10, burst: true, clerk_ratings: 20, clerk_negative: 1 };
    expect(signalTexts(signals).map((sign) => [sign.text, sign.notable])).toEqual([
      ['办完 2 秒后评的', true],
      ['同一设备或网络 10 分钟里评了 4 次', true],
      ['这位 30 天里被评 20 次，算差评 1 次', false],
    ]);
    expect(signalTexts({ ...signals, after_s: 7_300, quick: false, same_source: 1, burst: false, clerk_ratings: null })).toEqual([
      { text: '办完 2 小时后评的', notable: false },
    ]);
  });
});
