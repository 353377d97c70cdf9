// Development only: small stand-ins to look at the public pages with. Port 9100 plays the server,
// 9101 the kiosk and display binaries on a hall machine. `POST /mock {…}` changes what they say.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';

const DIST = new URL('../dist/', import.meta.url).pathname;
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const at = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

const world = {
  online: true,
  since: at(7),
  printer: 'ready',
  refuse: null,
  lines: [
    ['A', '综合受理', 7, 1500, '社保、医保、民政、残联等多数事项'],
    ['B', '建房与土地', 2, 600, '宅基地、自建房、土地承包'],
    ['C', '领取证照', 0, 0, '收到领证通知的，到这里'],
    ['D', '一件事一次办', 3, 1080, '出生、上学、退休、身后等 8 件事'],
    ['E', '帮办代办', 1, 300, null],
    ['F', '户籍业务', 0, 0, null],
  ].map(([prefix, name, waiting, estimated_wait_s, note]) => ({
    id: `l_dc_${prefix}`,
    prefix,
    name,
    waiting,
    open: prefix !== 'F',
    estimated_wait_s,
    note,
    stopped_text: prefix === 'F' ? '今天上午没有窗口办理，14:00 恢复' : null,
  })),
  board: {
    site: { id: 'demo-center', name: '白桦镇便民服务中心' },
    calls: [
      { number: 'A017', window_number: 3, called_at: at(0.1), recall_count: 0 },
      { number: 'B006', window_number: 2, called_at: at(1.2), recall_count: 0 },
      { number: 'A016', window_number: 1, called_at: at(3.2), recall_count: 0 },
      { number: 'C009', window_number: 6, called_at: at(4.3), recall_count: 0 },
      { number: 'A015', window_number: 4, called_at: at(5.1), recall_count: 2 },
      { number: 'E003', window_number: 5, called_at: at(9.4), recall_count: 0 },
    ],
    waiting: [],
    windows: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
      number,
      state: number === 7 ? 'paused' : number === 8 ? 'closed' : 'open',
      text: number === 7 ? '10:55 回' : null,
    })),
    notices: ['12 月 1 日（星期二）上午系统检修，9:00—10:30 只办领证，其他业务 10:30 开始。', '本周六照常上班，办到 12:00。'],
  },
  pad: { window: { id: 'w_dc_3', number: 3 }, staff_name: '乌云其其格', evaluation: null },
};
world.board.waiting = world.lines.slice(0, 5).map(({ id, prefix, name, waiting }) => ({ line_id: id, prefix, name, count: waiting }));

const MATERIALS = [
  { id: '1', name: '身份证', required: true, originals: 1, copies: 0 },
  { id: '2', name: '残疾人证', required: true, originals: 1, copies: 0 },
  { id: '3', name: '社保卡', required: true, originals: 1, copies: 1 },
  { id: '4', name: '困难残疾人生活补贴和重度残疾人护理补贴申请表', required: true, originals: 1, copies: 0 },
  { id: '5', name: '低保或低收入认定书', required: false, tolerable: true, originals: 0, copies: 1 },
];
const MATTERS = [
  '困难残疾人生活补贴和重度残疾人护理补贴',
  '城乡居民基本医疗保险参保登记',
  '城乡居民养老保险待遇申领',
  '最低生活保障申请',
  '农村村民宅基地用地及建房审批',
  '老年人优待证办理',
  '医疗救助对象手工（零星）报销',
].map((name, index) => ({ id: `m_dc_${index}`, name, line_id: 'l_dc_A', materials: MATERIALS.slice(0, 5 - (index % 3)) }));
const matterPage = {
  ...MATTERS[0],
  department_name: '社会事务和民政办',
  case_kind: 'promised',
  promised_days: 10,
  statutory_days: 20,
  fee: null,
  visits: 1,
  consultation_phone: '0000-1234567',
  situations: [{ question: '您是哪种情形？', many: false, options: [{ id: 's1', name: '本人来办' }, { id: 's2', name: '别人代办' }] }],
  guide: {
    plain:
      '有残疾人证，家里低保或残疾等级一、二级，就能申请。办成后按月打到社保卡。\n\n## 谁不能办\n\n已经领了工伤护理费，或特困供养的，护理补贴不能重复领。\n\n- 一户可以同时申请\n- **每年复核**一次',
  },
  site_id: 'demo-center',
};

const tracking = {
  tracking_code: 'ABCDEFGH234567AB',
  site: { id: 'demo-center', name: '白桦镇便民服务中心', phone: '0000-1234567', address: '白桦镇振兴路 1 号' },
  ticket: { number: 'A017', state: 'done', line_name: '综合受理', ahead: null, estimated_wait_s: null, window_number: 3, issued_at: at(60 * 26) },
  cases: [
    {
      id: 'c_dc_1',
      number: '150000202611240001',
      matter_name: '困难残疾人生活补贴和重度残疾人护理补贴',
      state: 'in_review',
      reporting_state: 8,
      due_at: new Date(Date.now() + 14 * 86_400_000).toISOString(),
      missing_year: null,
      next_step: '部门正在审核',
      materials_missing: ['低保认定书'],
    },
  ],
  timeline: [
    { at: at(60 * 26), title: '取号 A017 → 3 号窗口', detail: '等了 9 分钟', done: true },
    { at: at(60 * 25.7), title: '收下 4 样材料，受理', detail: '容缺受理', done: true },
    { at: at(60 * 20), title: '转给社会事务和民政办', detail: null, done: true },
    { at: null, title: '正在审核', detail: null, done: false },
    { at: null, title: '出结果，告诉您', detail: null, done: false },
    { at: null, title: '领取，或寄到家', detail: null, done: false },
  ],
  evaluations: [{ subject: 'visit', case_id: null, done: false, can_follow_up: false }],
  next_step: { title: '还欠 1 样：低保认定书', detail: '12月8日前补，拿到窗口就行' },
};
const waitingTracking = {
  ...tracking,
  ticket: { ...tracking.ticket, number: 'A021', state: 'waiting', ahead: 3, estimated_wait_s: 900, window_number: null, issued_at: at(6) },
  cases: [],
  timeline: [
    { at: at(6), title: '取号 A021', detail: '综合受理', done: true },
    { at: null, title: '等叫号', detail: null, done: false },
    { at: null, title: '到窗口办理', detail: null, done: false },
  ],
  evaluations: [],
  next_step: { title: '请在大厅等，听叫号', detail: '前面还有 3 人' },
};

let serial = 17;
const sockets = new Set();
const streams = new Set();
const replies = new Map();
let seq = 1;

function localBoard() {
  return JSON.stringify({ online: world.online, last_sync_at: world.online ? new Date().toISOString() : world.since, state: world.board });
}

function issue(body) {
  if (world.refuse) return [world.refuse.status ?? 409, world.refuse];
  if (!world.online) return [503, { code: 'offline', title: '没有连上', status: 503 }];
  const line = world.lines.find((one) => one.id === body.line_id) ?? world.lines[0];
  const number = `${line.prefix}${String(serial++).padStart(3, '0')}`;
  line.waiting += 1;
  return [
    201,
    {
      id: 't_dc_1',
      number,
      line_id: line.id,
      state: 'waiting',
      priority: body.priority ?? 'ordinary',
      ahead: line.waiting - 1,
      estimated_wait_s: line.estimated_wait_s || 240,
      tracking_code: 'ABCDEFGH234567AB',
      short_code: 'K7M294QX',
      issued_at: new Date().toISOString(),
    },
  ];
}

function problem(code, status) {
  return [status, { type: 'about:blank', title: code, status, code, trace_id: '1f2e3d4c5b6a' }];
}

function change(body) {
  if (body.call) world.board.calls.unshift({ recall_count: 0, called_at: new Date().toISOString(), ...body.call });
  const event = body.call ? { type: 'ticket_called', calls: world.board.calls.slice(0, 8) } : null;
  Object.assign(world, body.world ?? {});
  for (const stream of streams) stream.write(`data: ${localBoard()}\n\n`);
  for (const socket of sockets) {
    const frame = socket.view === 'pad' ? body.pad && { type: 'evaluation_offered', ...body.pad } : event;
    if (frame) socket.send(JSON.stringify({ kind: 'event', epoch: 1, prev: seq, seq: seq + 1, at: new Date().toISOString(), event: frame }));
  }
  if (event || body.pad) seq += 1;
  return [200, {}];
}

const ROUTES = [
  ['POST', /^\/mock$/, (body) => change(body)],
  ['POST', /^\/(local\/tickets|api\/v1\/sites\/[^/]+\/tickets)$/, issue],
  [
    'GET',
    /^\/(local\/matters|api\/v1\/sites\/[^/]+\/matters)$/,
    (_, url) => [200, { items: url.searchParams.get('query') === 'zzz' ? [] : MATTERS, next_cursor: null }],
  ],
  ['GET', /^\/api\/v1\/sites$/, () => [200, { items: [tracking.site], next_cursor: null }]],
  ['GET', /^\/api\/v1\/sites\/[^/]+$/, () => [200, tracking.site]],
  ['GET', /^\/api\/v1\/sites\/[^/]+\/lines$/, () => [200, { items: world.lines }]],
  ['GET', /^\/api\/v1\/devices\/current$/, () => [200, { device_id: 'd_dc_1', kind: 'kiosk', site_id: 'demo-center', window_id: 'w_dc_3' }]],
  ['GET', /^\/api\/v1\/matters\/[^/]+$/, () => [200, matterPage]],
  ['POST', /^\/api\/v1\/tracking\/find$/, (body) => (body.short_code.replace('-', '') === 'K7M294QX' ? [200, waitingTracking] : problem('not_found', 404))],
  ['GET', /^\/api\/v1\/tracking\/WAIT/, () => [200, waitingTracking]],
  ['GET', /^\/api\/v1\/tracking\/[^/]+$/, (_, url) => (url.pathname.includes('NOPE') ? problem('not_found', 404) : [200, tracking])],
  ['POST', /^\/api\/v1\/progress$/, (body) => (body.query_code === '12345678' ? [200, tracking] : problem('not_found', 404))],
  [
    'POST',
    /^\/api\/v1\/evaluations$/,
    () => {
      tracking.evaluations[0].done = true;
      return [201, {}];
    },
  ],
];

async function file(path) {
  const page = /^\/(kiosk|display|pad)$/.exec(path)?.[1] ?? (/^\/(assets\/|.*\.(svg|js|css)$)/.test(path) ? null : 'portal');
  const name = page === null ? normalize(path) : `${page}.html`;
  return { body: await readFile(join(DIST, name)), type: TYPES[extname(name)] ?? 'application/octet-stream' };
}

function serve(port, local) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://mock');
    const send = ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (local && url.pathname === '/local/state')
      return send([
        200,
        {
          site: tracking.site,
          online: world.online,
          since: world.since,
          lines: world.lines,
          printer: { state: world.printer },
          now: new Date().toISOString(),
          public_url: 'http://127.0.0.1:9100',
        },
      ]);
    if (local && url.pathname === '/local/board') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).write(`data: ${localBoard()}\n\n`);
      streams.add(response);
      return request.on('close', () => streams.delete(response));
    }
    let text = '';
    for await (const part of request) text += part;
    const route = ROUTES.find(([method, path]) => method === request.method && path.test(url.pathname));
    const key = request.headers['idempotency-key'];
    if (route) {
      const reply = replies.get(key) ?? route[2](text === '' ? {} : JSON.parse(text), url);
      if (key && reply[0] < 400) replies.set(key, reply);
      return send(reply);
    }
    if (url.pathname.startsWith('/api') || url.pathname.startsWith('/local')) return send(problem('not_found', 404));
    try {
      const { body, type } = await file(url.pathname);
      response.writeHead(200, { 'content-type': type, 'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'" }).end(body);
    } catch {
      send(problem('not_found', 404));
    }
  });
  const webSockets = new WebSocketServer({ server, handleProtocols: () => 'yichuang' });
  webSockets.on('connection', (socket, request) => {
    const url = new URL(request.url, 'http://mock');
    socket.view = url.searchParams.get('view');
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.send(JSON.stringify({ kind: 'snapshot', epoch: 1, seq, state: socket.view === 'pad' ? world.pad : world.board }));
  });
  server.listen(port, '127.0.0.1');
}

serve(9100, false);
serve(9101, true);
setInterval(() => sockets.forEach((socket) => socket.send('{"kind":"ping"}')), 5000);
