// Every action that the server offers has its part of a page: a new one of the contract is missed here until somebody
// says where it is taken.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const at = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
interface Operation {
  description?: string;
  summary?: string;
}
const { paths } = JSON.parse(at('openapi.json')) as { paths: Record<string, Record<string, Operation>> };

/** The actions of a way, as its description in the contract names them. */
function actionsOf(path: string): string[] {
  const { summary = '', description = '' } = paths[path]?.['post'] ?? {};
  const text = `${summary} ${description}`.replace(/409[^)]*/, '');
  const quoted = [...text.matchAll(/`([a-z-]+)[^`]*`/g)].map(([, name]) => name as string);
  if (quoted.length) return quoted;
  const [list = ''] = text.trim().split('.');
  return list
    .replace(/ an? (case|ticket|certificate|assistance)$/, '')
    .split(/,\s*|\s+or\s+/)
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
}

const contacts = 'src/desk/guide/FirstContacts.vue';
const window = 'src/desk/pages/Desk.vue';
const approval = 'src/desk/pages/Approve.vue';
const steps = 'src/desk/review/OtherSteps.vue';
const cases = 'src/desk/cases/CasesDialog.vue';
const pickup = 'src/desk/pages/Pickup.vue';
const visits = 'src/desk/assist/PersonSheet.vue';
const editor = 'src/desk/admin/catalogue/MatterEditor.vue';
const bundleEditor = 'src/desk/admin/catalogue/BundleEditor.vue';

/** Where each is offered. What the contract's list leaves out, with ways of their own or for one kind of case, is here too. */
const offered: Record<string, Record<string, string>> = {
  '/api/v1/cases/{case}/{action}': {
    submit: window,
    'pre-check': 'src/desk/window/OnlineDialog.vue',
    accept: window,
    'accept-tolerant': window,
    'request-correction': window,
    'correction-exceptions': steps,
    supply: cases,
    update: cases,
    attach: cases,
    'remove-attachment': 'src/desk/window/MaterialList.vue',
    'reuse-consent': 'src/desk/window/EarlierStrip.vue',
    reuse: 'src/desk/window/EarlierStrip.vue',
    'withdraw-reuse-consent': 'src/desk/window/EarlierStrip.vue',
    'new-term': steps,
    'propose-refusal': window,
    'confirm-refusal': approval,
    'overturn-refusal': approval,
    'decide-instant': 'src/desk/window/CaseResult.vue',
    claim: approval,
    release: approval,
    delegate: steps,
    suspend: steps,
    resume: steps,
    extend: steps,
    'approve-extension': steps,
    'extend-joint': steps,
    'approve-joint-extension': steps,
    approve: approval,
    deny: approval,
    'sign-step': approval,
    'return-step': steps,
    return: steps,
    withdraw: steps,
    revoke: steps,
    certificate: 'src/desk/certificates/cabinet.ts',
    'decision-notice': 'src/desk/certificates/cabinet.ts',
    deliver: steps,
  },
  '/api/v1/certificates/{certificate}/{action}': {
    receive: pickup,
    notify: pickup,
    'hand-over': pickup,
    'retry-upload': pickup,
    'waive-upload': pickup,
    ship: pickup,
    'confirm-delivery': 'src/desk/certificates/WaitingList.vue',
    return: pickup,
  },
  '/api/v1/tickets/{ticket}/{action}': {
    recall: window,
    start: window,
    'add-item': window,
    'settle-item': 'src/desk/window/work.ts',
    finish: window,
    miss: window,
    'put-back': window,
    park: window,
    resume: 'src/desk/window/QueuePanel.vue',
    transfer: window,
    top: 'src/desk/supervise/QueueTable.vue',
    untop: 'src/desk/supervise/QueueTable.vue',
    abandon: window,
    requeue: 'src/desk/window/QueuePanel.vue',
  },
  '/api/v1/assistances/{assistance}/{action}': {
    consent: visits,
    'plan-visit': visits,
    'finish-visit': visits,
    'cancel-visit': visits,
    'hand-over': visits,
    'link-case': visits,
    report: visits,
    close: visits,
  },
  '/api/v1/first-contacts/{first_contact}/{action}': { 'hand-over': contacts, reply: contacts },
  '/api/v1/matters/{matter}/draft/{action}': {
    submit: editor,
    approve: editor,
    return: editor,
    publish: editor,
    unschedule: editor,
    discard: editor,
  },
  '/api/v1/bundles/{bundle}/draft/{action}': {
    submit: bundleEditor,
    approve: bundleEditor,
    return: bundleEditor,
    publish: bundleEditor,
    discard: bundleEditor,
  },
};

it.each(Object.entries(offered))('%s: every action has its part of a page', (path, places) => {
  const named = actionsOf(path);
  expect(named.length).toBeGreaterThanOrEqual(Math.min(5, Object.keys(places).length));
  expect(named.filter((name) => !(name in places))).toEqual([]);
  const missing = Object.entries(places).filter(([name, file]) => !new RegExp(`['"]${name}['"]|\\b${name}: \\{`).test(at(file)));
  expect(missing).toEqual([]);
});

it('knows every way of the contract that takes its action from the path', () => {
  expect(Object.keys(paths).filter((path) => path.endsWith('{action}'))).toEqual(expect.arrayContaining(Object.keys(offered)));
  expect(Object.keys(paths).filter((path) => path.endsWith('{action}')).length).toBe(Object.keys(offered).length);
});
