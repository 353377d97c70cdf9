// On which documents somebody decides in a department's name (派驻, 授权, 委托): the words, and what of one wants a look.
import type { Basis, BasisKind } from '../shared/contract';
import type { Mark } from '../shared/badges';

export const basisKinds: readonly { kind: BasisKind; word: string }[] = [
  { kind: 'seconded', word: '派驻' },
  { kind: 'authorised', word: '授权' },
  { kind: 'entrusted', word: '委托' },
];
/** Days before its end from which a basis is marked. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

export const basisKind = (kind: BasisKind) => basisKinds.find((one) => one.kind === kind)?.word ?? kind;
/** `派驻（云民函〔2023〕46号）` */
export const basisText = (basis: Pick<Basis, 'kind' | 'document'>) => `${basisKind(basis.kind)}（${basis.document || '未登记文件'}）`;
/** `2024-01-01 起，到 2026-12-31` */
export const basisSpan = ({ from, to }: Pick<Basis, 'from' | 'to'>) => `${from} 起${to ? `，到 ${to}` : '，长期'}`;

/** What somebody has to see to; what is in order has none. */
export function basisMark(basis: Pick<Basis, 'document' | 'from' | 'to'>, today: string): Mark | undefined {
  if (basis.to && basis.to < today) return { tone: 'd', icon: 'clock', word: '过期了' };
  if (basis.from > today) return { tone: 'n', icon: 'clock', word: '还没开始' };
  const left = basis.to ? Math.round((Date.parse(basis.to) - Date.parse(today)) / DAY_MS) : Infinity;
  if (left <= SOON_DAYS) return { tone: 'w', icon: 'hourglass', word: left ? `还有 ${left} 天` : '今天到期' };
  return basis.document ? undefined : { tone: 'w', icon: 'doc', word: '未登记文件' };
}

/** Of several the mark that most wants a look: over, then soon over or without its document, then to come. */
export function firstMark(bases: readonly Pick<Basis, 'document' | 'from' | 'to'>[], today: string): Mark | undefined {
  const tones = ['d', 'w', 'n'];
  const marks = bases.flatMap((basis) => basisMark(basis, today) ?? []);
  return marks.sort((one, other) => tones.indexOf(one.tone) - tones.indexOf(other.tone))[0];
}
