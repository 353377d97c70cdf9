// What of a basis wants a look: ended, ending within 30 days, not begun, without its document.
import { describe, expect, it } from 'vitest';
import { basisMark, basisSpan, basisText } from '../src/desk/bases';

describe('a basis', () => {
  const today = '2026-11-24';
  const mark = (more: { document?: string | null; from?: string; to?: string | null }) =>
    basisMark({ document: '云民函〔2026〕1号', from: '2024-01-01', to: null, ...more }, today)?.word;
  it('wants a look for what is worst of it', () => {
    expect(mark({})).toBeUndefined();
    expect(mark({ to: '2026-12-25' })).toBeUndefined();
    expect(mark({ to: '2026-12-24' })).toBe('还有 30 天');
    expect(mark({ to: '2026-11-24' })).toBe('今天到期');
    expect(mark({ to: '2026-11-23', document: null })).toBe('过期了');
    expect(mark({ from: '2026-11-25' })).toBe('还没开始');
    expect(mark({ document: null })).toBe('未登记文件');
    expect(mark({ document: '' })).toBe('未登记文件');
    expect(mark({ document: null, to: '2026-12-01' })).toBe('还有 7 天');
  });
  it('is told with its kind, document and days', () => {
    expect(basisText({ kind: 'seconded', document: '云民函〔2026〕1号' })).toBe('派驻（云民函〔2026〕1号）');
    expect(basisText({ kind: 'entrusted', document: null })).toBe('委托（未登记文件）');
    expect(basisSpan({ from: '2024-01-01', to: null })).toBe('2024-01-01 起，长期');
    expect(basisSpan({ from: '2024-01-01', to: '2026-12-31' })).toBe('2024-01-01 起，到 2026-12-31');
  });
});
