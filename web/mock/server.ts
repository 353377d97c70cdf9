// Development only: answers the API and the feed from the invented hall. Never part of a build.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { CaseInput, Staff } from '../src/shared/api-types.ts';
import * as cases from './cases.ts';
import * as hall from './hall.ts';

const people: Record<string, Staff> = {
  clerk1: { id: 's1', name: '乌云其其格', roles: ['clerk'], site_id: 'demo-center' },
  approver1: { id: 's8', name: '孟克巴特尔', roles: ['approver'], site_id: 'demo-center', department_name: '社会事务和民政办' },
  issuer: { id: 's6', name: '韩*英', roles: ['issuer'], site_id: 'demo-center' },
  supervisor: { id: 's9', name: '高*', roles: ['supervisor'], site_id: 'demo-center' },
  all: { id: 's1', name: '乌云其其格', roles: ['clerk', 'approver', 'issuer', 'supervisor'], site_id: 'demo-center' },
};

type Handler = (context: { id: string; body: Record<string, unknown>; staff: Staff | undefined; query: URLSearchParams }) => unknown;
const routes: [string, RegExp, Handler][] = [];
const on = (method: string, path: string, handler: Handler) =>
  routes.push([method, new RegExp(`^/api/v1${path.replace(/\{\w+\}/g, '([^/]+)')}$`), handler]);

on('GET', '/sessions/current', ({ staff }) => staff && { staff });
on('GET', '/sites/{s}/matters', ({ query }) => {
  const text = query.get('query') ?? '';
  const initials: Record<string, string> = { cjr: '残疾', sy: '生育', gl: '高龄' };
  return { items: cases.matters.filter((one) => !text || one.name.includes(text) || one.name.includes(initials[text] ?? '?')), next_cursor: null };
});
on('GET', '/matters/{m}', ({ id }) => cases.matters.find((one) => one.id === id));
on('GET', '/worklist', () => ({ items: cases.cases.filter((one) => ['accepted', 'in_review', 'suspended', 'refusal_proposed'].includes(one.state)).map(cases.summaryOf), next_cursor: null }));
on('GET', '/cases', ({ query }) => ({ items: cases.cases.filter((one) => !query.get('state') || one.state === query.get('state')).map(cases.summaryOf), next_cursor: null }));
on('GET', '/cases/{c}', ({ id }) => cases.cases.find((one) => one.id === id));
on('GET', '/sites/{s}/cabinet', () => ({ items: cases.certificates, next_cursor: null }));
on('GET', '/certificates/{c}', ({ id }) => cases.certificates.find((one) => one.id === id));
on('GET', '/sites/{s}/figures', () => ({ tickets_issued: 61, tickets_done: 47, average_wait_s: 1380, average_service_s: 660, cases_accepted: 38, cases_decided: 31, evaluations: 29, satisfaction: 0.972 }));
on('GET', '/alerts', () => ({ items: [{ id: 'a1', kind: 'printer_paper', text: '2 号取号机纸快没了，还能打约 40 张', level: 2, at: hall.ago(6) }], next_cursor: null }));
on('GET', '/devices', () => ({ items: [
  { id: 'd1', kind: 'kiosk', name: '1 号取号机', online: true, state: 'online', last_seen_at: hall.ago(0) }, { id: 'd2', kind: 'display', name: '大厅屏', online: true, state: 'online', last_seen_at: hall.ago(0) },
  { id: 'd3', kind: 'printer', name: '小票打印机', online: true, state: 'online', status: { paper: 'near_end' }, last_seen_at: hall.ago(0) }, { id: 'd4', kind: 'pad', name: '3 号窗口评价器', online: false, state: 'offline', window_id: 'w_dc_3', last_seen_at: hall.ago(12) }], next_cursor: null }));
on('POST', '/windows/{w}/open', ({ id, staff, body }) => hall.changeWindow(id, 'window_opened', { state: 'open', text: null, staff_id: staff?.id, staff_name: staff?.name, ...(body.line_ids ? { line_ids: body.line_ids as string[] } : {}) }));
on('POST', '/windows/{w}/pause', ({ id, body }) => hall.changeWindow(id, 'window_paused', { state: 'paused', text: (body.text as string) ?? null }));
on('POST', '/windows/{w}/close', ({ id }) => hall.changeWindow(id, 'window_closed', { state: 'closed', text: null, staff_id: null, staff_name: null }));
on('POST', '/windows/{w}/call-next', ({ id }) => hall.callNext(id));
on('POST', '/windows/{w}/call', ({ id, body }) => ({ ticket: hall.changeTicket(body.ticket_id as string, 'ticket_called', { state: 'called', window_id: id, called_at: hall.ago(0), reason: { code: 'chosen', text: `指定叫的号：${String(body.reason)}` } }) }));
on('POST', '/tickets/{t}/recall', ({ id }) => hall.changeTicket(id, 'ticket_recalled', { recall_count: (hall.findTicket(id)?.recall_count ?? 0) + 1 }));
on('POST', '/tickets/{t}/start', ({ id }) => hall.changeTicket(id, 'ticket_started', { state: 'serving', started_at: hall.ago(0) }));
on('POST', '/tickets/{t}/finish', ({ id }) => hall.changeTicket(id, 'ticket_finished', { state: 'done' }));
on('POST', '/tickets/{t}/miss', ({ id }) => hall.changeTicket(id, 'ticket_missed', { state: 'missed', miss_count: 1 }));
on('POST', '/tickets/{t}/park', ({ id }) => hall.changeTicket(id, 'ticket_parked', { state: 'parked' }));
on('POST', '/tickets/{t}/resume', ({ id }) => hall.changeTicket(id, 'ticket_resumed', { state: 'serving', started_at: hall.ago(0) }));
on('POST', '/tickets/{t}/requeue', ({ id }) => hall.changeTicket(id, 'ticket_requeued', { state: 'waiting' }));
on('POST', '/tickets/{t}/transfer', ({ id, body }) => hall.changeTicket(id, 'ticket_transferred', { state: 'waiting', line_id: (body.line_id as string) ?? hall.findTicket(id)?.line_id }));
on('POST', '/tickets/{t}/top', ({ id }) => hall.changeTicket(id, 'ticket_topped', {}));
on('POST', '/tickets/{t}/abandon', ({ id }) => hall.changeTicket(id, 'ticket_abandoned', { state: 'abandoned' }));
on('POST', '/cases', ({ body }) => cases.register(body as unknown as CaseInput));
const step = (name: string, more: Parameters<typeof cases.change>[1]) => on('POST', `/cases/{c}/${name}`, ({ id }) => cases.change(id, more));
step('accept', { state: 'accepted' });
step('accept-tolerant', { state: 'accepted' });
step('request-correction', { state: 'correcting' });
step('propose-refusal', { state: 'refusal_proposed' });
step('claim', { state: 'in_review' });
step('release', { state: 'accepted' });
step('approve', { state: 'decided', decision: 'approved' });
step('deny', { state: 'decided', decision: 'denied' });
step('confirm-refusal', { state: 'closed', closed_as: 'refused' });
step('overturn-refusal', { state: 'accepted' });
on('POST', '/cases/{c}/certificate', ({ id, body }) => cases.makeCertificate(id, String(body.number)));
on('POST', '/certificates/{c}/receive', ({ id, body }) => cases.changeCertificate(id, { custody: 'in_cabinet', slot: String(body.slot), received_at: hall.ago(0) }));
on('POST', '/certificates/{c}/notify', ({ id }) => cases.changeCertificate(id, { notified_at: hall.ago(0) }));
on('POST', '/certificates/{c}/hand-over', ({ id }) => cases.changeCertificate(id, { custody: 'handed_over', slot: null, handed_over_at: hall.ago(0) }));
on('POST', '/certificates/{c}/retry-upload', ({ id }) => cases.changeCertificate(id, { upload: 'pending' }));
on('POST', '/certificates/{c}/return', ({ id }) => cases.changeCertificate(id, { custody: 'returned', slot: null }));

const sockets = new Set<WebSocket>();
let seq = 100;
hall.onPush((event) => {
  const prev = seq;
  seq += 1;
  for (const socket of sockets) socket.send(JSON.stringify({ kind: 'event', epoch: 1, seq, prev, at: new Date().toISOString(), event }));
});
const server = new WebSocketServer({ noServer: true });
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.send(JSON.stringify({ kind: 'snapshot', epoch: 1, seq, state: hall.state }));
  const timer = setInterval(() => socket.send('{"kind":"ping"}'), 10_000);
  socket.on('close', () => {
    sockets.delete(socket);
    clearInterval(timer);
  });
});

export function upgrade(request: IncomingMessage, socket: import('node:stream').Duplex, head: Buffer): void {
  if (request.url?.startsWith('/api/v1/sites/')) server.handleUpgrade(request, socket, head, (made) => server.emit('connection', made, request));
}

const problem = (response: ServerResponse, status: number, code: string) => {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, trace_id: 'mock0001' }));
};

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock');
  const body = await read(request);
  const name = /yichuang_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const staff = people[name];
  const json = (status: number, value: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(value === undefined ? undefined : JSON.stringify(value));
  };
  if (url.pathname === '/api/v1/sessions' && request.method === 'POST') {
    const found = body.password === `demo-${String(body.username)}` ? people[String(body.username)] : undefined;
    if (!found) return problem(response, 401, 'invalid_credentials');
    return json(201, { staff: found }, { 'Set-Cookie': `yichuang_session=${String(body.username)}; Path=/` });
  }
  if (request.method === 'DELETE') return json(204, undefined, { 'Set-Cookie': 'yichuang_session=; Path=/; Max-Age=0' });
  if (!staff) return problem(response, 401, 'unauthenticated');
  for (const [method, pattern, handler] of routes) {
    const match = method === request.method ? pattern.exec(url.pathname) : null;
    if (!match) continue;
    const result = handler({ id: decodeURIComponent(match[1] ?? ''), body, staff, query: url.searchParams });
    return result === undefined ? problem(response, 404, 'not_found') : json(200, result);
  }
  return problem(response, 404, 'not_found');
}
