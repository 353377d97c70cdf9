// The board's fold: what a screen shows after frames, and nothing else.
import { describe, expect, it } from 'vitest';
import { fold, sameCall, type BoardState } from '../src/display/board';

const state: BoardState = {
  site: { id: 'demo-center', name: '便民服务中心' },
  calls: [{ number: 'A001', window_number: 3, called_at: '2026-11-24T09:00:00.000+08:00', recall_count: 0 }],
  waiting: [
    { line_id: 'l_dc_demo-line', name: '综合', prefix: 'A', count: 4 },
    { line_id: 'l_dc_b', name: '社保', prefix: 'B', count: 1 },
  ],
  windows: [{ number: 3, state: 'open', text: null }],
  notices: [],
};
const at = { epoch: 1, seq: 8, prev: 7 };

describe('fold', () => {
  it('takes a snapshot as it is', () => {
    expect(fold(null, { kind: 'snapshot', epoch: 1, seq: 7, state })).toEqual(state);
  });

  it('replaces the lists that an event carries and keeps the others', () => {
    const calls = [{ number: 'A002', window_number: 4, called_at: '2026-11-24T09:01:00.000+08:00', recall_count: 0 }];
    const event = { type: 'ticket_called', calls };
    expect(fold(state, { kind: 'event', ...at, at: calls[0]!.called_at, event })).toEqual({ ...state, calls });
  });

  it('changes only the lines that new counts name', () => {
    const after = fold(state, { kind: 'waiting', ...at, waiting: [{ line_id: 'l_dc_b', count: 2 }] });
    expect(after?.waiting.map((line) => line.count)).toEqual([4, 2]);
  });

  it('keeps the message of an emergency until an empty one ends it', () => {
    const of = (emergency?: string) => ({
      kind: 'event' as const,
      ...at,
      at: '',
      event: { type: 'x', ...(emergency === undefined ? {} : { emergency }) },
    });
    const alarmed = fold(state, of('请离开'));
    expect(alarmed?.emergency).toBe('请离开');
    expect(fold(alarmed, of())?.emergency).toBe('请离开');
    expect(fold(alarmed, of(''))).toEqual(state);
  });

  it('shows nothing before it has a snapshot', () => {
    expect(fold(null, { kind: 'waiting', ...at, waiting: [] })).toBeNull();
  });
});

describe('sameCall', () => {
  it('sees a recall as the same call and another window as another', () => {
    const call = state.calls[0]!;
    expect(sameCall(call, { ...call, recall_count: 2 })).toBe(true);
    expect(sameCall(call, { ...call, window_number: 5 })).toBe(false);
    expect(sameCall(call, null)).toBe(false);
  });
});
