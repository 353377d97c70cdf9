// Every page of the staff with each of its parts: who opens it, how one comes to the part, and what shows that it is
// there.
import type { Page } from 'playwright-core';
import type { Visit } from './hall';

export interface View {
  readonly path: string;
  readonly roles: readonly string[];
  /** Something that only a page with its data shows. */
  readonly ready: string;
  /** Keys that lead to the part, pressed outside of every field. */
  readonly keys?: readonly string[];
  readonly visit?: Visit;
  /** What is done to come to the part when the page is full. */
  readonly act?: (page: Page) => Promise<void>;
  /** What it shows is always there: it is never bare. */
  readonly always?: true;
  /** Words that a bare page shows, where they are not those of `.state`. */
  readonly bare?: string;
  /** Its data comes by the feed alone or is read again by itself: no button to try again. */
  readonly live?: true;
}

const tabOf = (path: string, tab: string, roles: readonly string[], ready: string, more: Partial<View> = {}): View => ({
  path: `${path}?tab=${tab}`,
  roles,
  ready,
  ...more,
});
const admin = (tab: string, ready: string, more: Partial<View> = {}) =>
  tabOf('/admin', tab, ['admin', ...(tab === 'log' ? ['auditor'] : [])], ready, more);
const people = (tab: string, ready: string, more: Partial<View> = {}) =>
  tabOf('/people', tab, tab === 'mine' ? ['clerk'] : ['supervisor'], ready, more);
const pickup = (key: string, ready: string, more: Partial<View> = {}): View => ({
  path: '/pickup',
  roles: ['issuer'],
  ready,
  keys: [key],
  live: true,
  ...more,
});

type Views = Readonly<Record<string, View>>;

export const windowViews: Views = {
  'desk-choose': { path: '/desk', roles: ['clerk'], ready: '.tile[aria-checked=true]', live: true },
  'desk-free': { path: '/desk', roles: ['clerk'], visit: 'free', ready: '.idle .figures', live: true },
  'desk-called': { path: '/desk', roles: ['clerk'], visit: 'called', ready: '.wk .act', live: true },
  'desk-serving': { path: '/desk', roles: ['clerk'], visit: 'serving', ready: '.wk .act', live: true },
  approve: { path: '/approve', roles: ['approver'], ready: '.sheet .mats li', live: true },
  'approve-group': { path: '/approve', roles: ['approver'], keys: ['2'], ready: '.find button', live: true },
  pickup: pickup('Alt+1', '.sl.told'),
  'pickup-waiting': pickup('Alt+2', '.list tbody tr'),
  'pickup-courier': pickup('Alt+3', '.list tbody tr'),
  'pickup-receive': pickup('Alt+4', '.list tbody tr'),
  'pickup-make': pickup('Alt+5', '.list tbody tr'),
  'guide-desk': { path: '/guide-desk', roles: ['guide'], ready: '#main .side', live: true },
  'guide-book': { path: '/guide-desk', roles: ['guide'], ready: '#main .side', keys: ['Alt+y'], live: true },
  'guide-paper': { path: '/guide-desk', roles: ['guide'], ready: '#main .side', keys: ['Alt+k'], live: true },
  'guide-contact': { path: '/guide-desk', roles: ['guide'], ready: '#main .side', keys: ['Alt+w'], live: true },
  'guide-phone': { path: '/guide-desk', roles: ['guide'], ready: '#main .side', keys: ['Alt+m'], live: true },
};

export const houseViews: Views = {
  hall: { path: '/hall', roles: ['supervisor'], visit: 'serving', ready: '.upper li', live: true },
  helper: { path: '/helper', roles: ['helper'], ready: '.rows li' },
  'helper-route': { path: '/helper', roles: ['helper'], ready: '.list li', keys: ['Alt+2'] },
  'helper-cases': { path: '/helper', roles: ['helper'], ready: 'tbody tr', keys: ['Alt+3'] },
  'helper-tickets': { path: '/helper', roles: ['helper'], ready: 'tbody tr', keys: ['Alt+4'] },
  it: { path: '/it', roles: ['it', 'admin'], ready: '.list tbody tr' },
  figures: { path: '/figures', roles: ['supervisor'], ready: '.main table' },
  evaluations: { path: '/evaluations', roles: ['supervisor'], ready: '.side footer' },
  complaints: { path: '/evaluations', roles: ['supervisor'], ready: '.acts', keys: ['2'] },
  rates: { path: '/evaluations', roles: ['supervisor'], ready: '.rates tbody tr', keys: ['3'] },
  'evaluations-closed': { path: '/evaluations', roles: ['supervisor'], ready: '.closed li', keys: ['4'] },
  'my-evaluations': { path: '/my-evaluations', roles: ['clerk'], ready: '.items li' },
  'people-mine': people('mine', '#main .seats li', { bare: '没排班' }),
  'people-roll': people('people', 'tbody tr'),
  'people-roster': people('roster', 'tbody tr'),
  'people-attendance': people('attendance', 'tbody tr'),
  'people-appraisal': people('appraisal', 'tbody tr'),
  'people-training': people('training', 'tbody tr'),
  'people-practice': people('practice', '.sums', { bare: '没有开练习' }),
};

export const adminViews: Views = {
  'district-figures': tabOf('/district', 'figures', ['district'], '.main tbody tr'),
  'district-ledger': tabOf('/district', 'ledger', ['district'], '.task'),
  'district-tiers': tabOf('/district', 'tiers', ['district'], 'tbody tr'),
  'district-callers': tabOf('/district', 'callers', ['district'], '[data-booked]'),
  'admin-policy': admin('policy', '.policy .card'),
  'admin-rooms': admin('rooms', 'tbody tr', { bare: '还没有队' }),
  'admin-staff': admin('staff', 'tbody tr'),
  'admin-catalogue': admin('catalogue', 'button.one'),
  'admin-entry': admin('entry', '#main tbody tr'),
  'admin-messages': admin('messages', '#main textarea', { always: true }),
  'admin-papers': admin('papers', '#main textarea', { always: true }),
  'admin-upstream': admin('upstream', '#main textarea, #main tbody tr'),
  'admin-calendar': admin('calendar', '#main table', { bare: '还没有录入' }),
  'admin-log': admin('log', 'tbody tr'),
  'admin-opening': admin('opening', '#main li'),
};
