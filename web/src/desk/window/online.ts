// Online applications at the desk: how far each has come, in the marks of the design language.
import type { components } from '../../shared/api';
import type { Mark } from '../../shared/badges';

export type SiteApplication = components['schemas']['SiteApplicationView'];

export const stepMarks: Readonly<Record<string, Mark>> = {
  submitted: { tone: 'w', icon: 'clock', word: '等预审' },
  supplement: { tone: 'x', icon: 'hourglass', word: '等他补' },
  ready: { tone: 'p', icon: 'calcheck', word: '可以来办' },
};

export const stepMark = (step: string | null | undefined): Mark => stepMarks[step ?? ''] ?? { tone: 'x', icon: 'pen', word: '网上申请' };
