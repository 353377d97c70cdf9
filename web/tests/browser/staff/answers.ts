// What the contract leaves open, said for staff pages: words of open sets, and things that belong together, such as the
// plan's figures or a day's settings. Everything else is made from the contract itself.
import { groups, setAt, type Configuration } from '../../../src/desk/admin/policy';
import type { Filler, Schemas, Shapes } from '../contract';
import { ago, dayFrom, lines, matters, NOW, people, places, TODAY } from '../words';

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

/** The plan's figures with their units. */
const planFigures = [
  ['waiting', '平均等候', 'seconds', 'lower', 1200],
  ['satisfaction', '满意率', 'share', 'higher', 0.95],
  ['on_time', '按期办结率', 'share', 'higher', 1],
  ['first_time', '一次办成率', 'share', 'higher', 0.9],
  ['one_window', '一窗受理率', 'share', 'higher', 1],
  ['must_enter', '应进必进率', 'share', 'higher', 1],
  ['never_here', '明进暗不进', 'count', 'lower', 0],
  ['uncollected', '超 30 天没领', 'count', 'lower', 0],
  ['tier_basic', '基础型占比', 'share', 'higher', 1],
  ['tier_standard', '标准型占比', 'share', 'higher', 0.9],
  ['tier_model', '标杆型占比', 'share', 'higher', 0.4],
  ['rated', '评价率', 'share', 'higher', null],
] as const;
const heads = planFigures.map(([key, name, unit, better, goal]) => ({
  key,
  name,
  unit,
  better,
  goal,
  text: `${name}怎么算：按计划附件的口径`,
}));
const figuresOf = (site: number) =>
  Object.fromEntries(
    planFigures.map(([key, , unit, , goal], at) => {
      const value = unit === 'seconds' ? 900 + site * 420 : unit === 'count' ? site : 1 - site * 0.07 - at * 0.01;
      const reach = pick(['reached', 'below', 'far'], site);
      return [key, { value, goal, part: unit === 'share' ? 40 - site : null, whole: 42, reach, reason: null, ages: null }];
    }),
  );

export const shapes: Shapes = {
  SiteView: (at) => ({
    id: `s${at}`,
    parent_id: at ? 's0' : null,
    kind: at ? 'station' : 'center',
    name: pick(places, at),
    accent: null,
    logo_url: null,
  }),
  BasisView: (at) => ({
    department_name: pick(['白桦镇人民政府', '云川区残疾人联合会', '云川区人力资源和社会保障局'], at),
    kind: pick(['authorised', 'entrusted', 'seconded'] as const, at),
    document: at % 3 === 2 ? null : pick(['白政发〔2023〕31号', '云残联发〔2023〕12号'], at),
    from: '2024-01-01',
    to: at % 3 === 1 ? dayFrom(12) : null,
  }),
  OpinionTemplateView: (at) => ({
    name: pick(['两项都符合', '只批护理补贴', '已领护理费'], at),
    text: pick(['经审核，申请人符合条件，同意发放两项补贴。', '经审核，同意发放护理补贴。', '经核查，申请人已领取护理费，不予通过。'], at),
    denies: at % 3 === 2,
  }),
  CustodyStepView: (at) => ({
    ...pick(
      [
        { type: 'certificate_made', text: '制证', from: null, to: null, by_name: people[0] as string, url: null },
        {
          type: 'certificate_handed_on',
          text: '交接（部门送来）',
          from: '民政办送件员 小宝',
          to: people[1] as string,
          by_name: people[1] as string,
        },
        { type: 'certificate_received', text: '证照入柜', from: null, to: '柜 A07', by_name: people[1] as string, url: null },
      ],
      at,
    ),
    at: ago(60 * 24 * (9 - (at % 3))),
  }),
  CustodyRecordView: () => ({ occasion: 'from_department', giver_name: '民政办送件员 小宝', taker_name: people[1] as string }),
  FirstContactView: (at) => ({
    at: ago(at * 45),
    about: pick(['户口本丢了，补一本要带什么、去哪里办', '老人的养老金这个月没到账', '几点下班', '孩子随父落户要不要先公证'], at),
    matter_name: at % 2 ? matters[at % matters.length] : null,
    ending: pick(['owed', 'owed', 'referred', 'answered', 'replied'] as const, at),
    ended_at: at < 2 ? null : ago(at * 40),
    text: at === 2 ? '白桦镇派出所户籍窗口' : null,
    responsible_name: pick(people, at),
    mine: at === 0,
    actions: at === 0 ? ['hand-over', 'reply', 'reveal'] : [],
  }),
  NotificationView: (at) => ({
    channel: pick(['sms', 'site'], at),
    template: at ? 'pickup_reminder' : 'ready_for_pickup',
    state: 'sent',
    last_error: null,
    created_at: ago(60 * 24 * (20 - at * 4)),
    sent_at: ago(60 * 24 * (20 - at * 4)),
    to: null,
  }),
  CertificateView: (at) => ({
    custody: pick(['in_cabinet', 'in_cabinet', 'in_cabinet', 'made', 'in_cabinet', 'shipped', 'in_cabinet', 'in_transit'] as const, at),
    upload: pick(['confirmed', 'confirmed', 'confirmed', 'confirmed', 'pending', 'confirmed', 'failed', 'pending'] as const, at),
    received_at: ago(60 * 24 * (at === 2 ? 96 : at * 3)),
    notified_at: at % 3 === 1 ? null : ago(60 * 20),
    rung: at % 4,
    reminded_at: at % 4 ? ago(60 * 4) : null,
    slot: `${pick(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'], at)}0${1 + (at % 3)}`,
    handed_over_at: null,
    carrier: '中国邮政 EMS',
    waybill: '1187204466231',
    courier_to: at === 0 ? { id: 'p_s0_9', kind: 'person', name: '王*明', phone: '139****5520', address: '内蒙古通辽市科尔沁区***' } : null,
    authorisation:
      at === 2
        ? {
            agent: { id: 'p_s0_8', kind: 'person', name: '李*梅', id_type: 'resident_id', id_number: '150***********0025' },
            submits: true,
            collects: true,
            until: '2026-12-31',
            given_at: ago(60 * 30),
            state: 'open',
          }
        : null,
    applicant_name: pick(people, at),
    actions:
      at === 3 || at === 7
        ? ['receive']
        : at === 5
          ? ['confirm-delivery', 'return']
          : at === 6
            ? ['retry-upload', 'waive-upload']
            : ['hand-over', 'notify', 'ship', 'return'],
  }),
  NegativeEvaluationView: (at) => ({
    state: pick(['opened', 'verified', 'rectified', 'replied', 'closed', 'closed'] as const, at),
    step: pick(['verify', 'rectify', 'reply', 'call_back', 'finish_rectification', null] as const, at),
    closed_as: at % 6 === 5 ? 'satisfied' : null,
    level: at % 2 ? 'very_dissatisfied' : 'dissatisfied',
    overdue: at === 1,
    missing_year: null,
    window_number: 3,
    channel: 'pad',
    actions: [pick(['verify', 'rectify', 'reply', 'call-back', 'finish-rectification'], at), 'reveal'],
  }),
  ComplaintView: (at) => ({
    state: pick(['filed', 'filed', 'answered', 'closed'] as const, at),
    missing_year: null,
    overdue: at === 0,
    actions: at > 1 ? [] : ['answer', 'close', 'reveal'],
  }),
  OwnEvaluationsView: (_, bare) => ({
    ratings: bare ? 0 : 46,
    levels: bare ? null : { very_satisfied: 31, satisfied: 9, basically_satisfied: 2, dissatisfied: 3, very_dissatisfied: 1 },
  }),
  OwnEvaluationView: (at) => ({ level: 'dissatisfied', state: 'verified', actions: at ? [] : ['appeal'] }),
  LedgerView: () => ({
    state: 'open',
    week: '2026-W48',
    previous_week: '2026-W47',
    next_week: null,
    cut_seq: null,
    can_manage: true,
    columns: [{ key: 'progress', title: '推进措施和完成时限（含责任人）' }],
  }),
  LedgerTaskView: (at) => ({
    clause: `${at + 1}.2`,
    missing: at,
    values: { progress: '每周五中午十二点前报，逾期通报' },
    figure_key: 'waiting',
  }),
  LedgerReportView: (at) => ({
    site_id: `s${at}`,
    site_name: pick(places, at),
    can_report: at === 0,
    reported_at: at === 1 ? null : ago(90),
  }),
  PlanFigureView: () => ({ reach: 'below', unit: 'share' }) as object,
  SubtreeFiguresView: (_, bare) => ({
    heads: heads as never,
    whole: (bare ? Object.fromEntries(planFigures.map(([key]) => [key, { value: null, reason: '这些天没有数' }])) : figuresOf(1)) as never,
  }),
  SitePlanFiguresView: (at) => ({
    site_id: `s${at}`,
    parent_id: at ? 's0' : null,
    name: pick(places, at),
    tier: pick(['model', 'standard', 'basic'], at),
    figures: figuresOf(at) as never,
  }),
  TierSummary: (at) => ({
    site_id: `s${at}`,
    parent_id: at ? 's0' : null,
    kind: at ? 'station' : 'center',
    state: pick(['confirmed', 'assessed', 'none'], at),
    assessed: pick(['model', 'standard', 'basic'], at),
    confirmed: at % 3 ? null : 'model',
    actions: ['assess', 'confirm'],
    points: 24,
    points_met: 24 - at,
  }),
  TierItemView: (at) => ({ tier: pick(['basic', 'standard', 'model'], at), needs_evidence: at === 1 }),
  DeviceView: (at) => ({
    kind: pick(['kiosk', 'display', 'printer', 'pad'], at),
    online: at !== 1,
    error: at === 2 ? 'io: 写不进去' : null,
    revoked_at: at === 7 ? ago(999) : null,
    version: '1.4.2',
    zone: null,
  }),
  DeadLetterView: (at) => ({
    kind: 'message',
    channel: pick(['sms', 'wechat', 'email'], at),
    error: pick(['unreachable', 'no_recipient', 'wechat_43004'], at),
    attempts: 7,
  }),
  DatabaseView: () => ({ kind: 'sqlite', healthy: true }),
  OwedView: (at) => ({ kind: pick(['message', 'upload', 'report'], at), dead: at }),
  BackupView: (_, bare) => ({ last_at: bare ? null : ago(200) }),
  SystemView: () => ({ version: '1.4.2', started_at: ago(60 * 24 * 9), now: NOW }),
  KeeperView: (_, bare) => ({ state: bare ? 'none' : 'following', trouble: null, open_entries: bare ? 0 : 3, series: 'K' }),
  KeeperEntryView: (at) => ({ verdict: at ? 'settled' : 'refused' }),
  AlertView: (at) => ({ level: pick(['red', 'yellow', 'notice'] as const, at), case_id: null, ticket_id: null, evaluation_id: null }),
  EventView: (at) => ({
    type: pick(['ticket_called', 'case_accepted', 'staff_changed', 'device_paired'], at),
    aggregate: pick(['hall', 'case', 'staff', 'device'], at),
    seq: 40_312 - at,
  }),
  DraftSummary: (at) => ({ step: pick(['editing', 'in_review', 'approved'], at) }),
  TemplateView: (at) => ({ name: `template_${at}`, own: at === 1, title: pick(['受理通知', '领证通知', '补正通知', '叫到提醒'], at) }),
  TemplatePlaceView: (at) => ({ name: pick(['办件编号', '查询码', '领取地点'], at) }),
  OpeningItemView: (at) => ({
    page: pick(['/admin?tab=rooms', '/admin?tab=staff', '/it'], at),
    title: pick(['队和窗口', '人员和岗位', '设备配对'], at),
  }),
  PracticeView: (_, bare) => ({ open: !bare, actions: bare ? ['begin'] : ['wipe'] }),
  CalendarView: (_, bare) => ({
    year: 2026,
    source: '国务院办公厅关于 2026 年部分节假日安排的通知（国办发明电〔2025〕7 号）',
    days: bare ? [] : Array.from({ length: 365 }, (_day, at) => dayOf(at)),
  }),
  AssistanceView: (at) => ({
    helper_id: 'p0',
    mine: true,
    closed_at: null,
    has_news: at === 1,
    consent: at === 2 ? null : { at: ago(900), by_name: pick(people, 1), form: 'oral', form_text: '当面说的', note: null },
    actions: ['consent', 'plan-visit', 'finish-visit', 'cancel-visit', 'hand-over', 'link-case', 'report', 'close', 'reveal'],
  }),
  AssistedCaseView: (at) => ({ state: pick(['accepted', 'in_review', 'correcting'], at), matter_name: pick(matters, at) }),
  VisitView: (at) => ({ state: pick(['planned', 'done', 'cancelled'], at), day: dayFrom(at - 1), at: null }),
  MaskedPerson: (at) => ({
    name: pick(['欧阳㐂𠮷·买***力', '王*明', '孟*尔'], at),
    kind: 'person',
    id_type: 'resident_id',
    phone: '138****2046',
  }),
  RosterDayView: (at) => ({ date: dayFrom(at), open: at < 5 }),
  OwnSeatView: (at) => ({ date: dayFrom(at), window_id: `w${at}`, window_number: at + 1 }),
  PersonView: (at) => ({
    id: `p${at}`,
    name: pick(people, at),
    state: pick(['in_use', 'in_use', 'not_begun', 'ended', 'stopped'] as const, at),
    days_left: at === 1 ? 12 : null,
    may_change: true,
    may_reset_password: true,
  }),
  AccountView: (at) => ({ id: `p${at}`, name: pick(people, at), active: at !== 4, locked_until: null }),
  LeaveView: (at) => ({ staff_id: `p${at}`, staff_name: pick(people, at) }),
  LineSetupView: (at) => ({ id: `l${at}`, name: pick(lines, at), prefix: pick(['A', 'B', 'C', 'Z'], at) }),
  WindowSetupView: (at) => ({ id: `w${at}`, number: at + 1, line_ids: ['l0', 'l2'], preferred_line_ids: [] }),
  WindowView: (at) => ({ id: `w${at}`, number: at + 1 }),
  ClaimView: (at) => ({ state: pick(['active', 'expiring', 'expired', 'ended'], at), days_left: 12 }),
  MatterVersionView: (at) => ({ state: at ? 'retired' : 'published', version: 3 - at }),
  BundleCaseView: () => ({ state: 'in_progress', missing_year: null, extension: null }),
  BundleCaseItem: (at) => ({ state: pick(['accepted', 'in_review', 'decided'], at), decision: 'approved', closed_as: null }),
  TakenTicketView: (at) => ({ state: 'waiting', number: `A0${21 + at}` }) as object,
  UpstreamMatter: (at) => ({ code: `152301-000${at}`, link: 'https://example.cn/apply' }),
  PhoneCodeView: () => ({ url: 'https://example.cn/q/s0#9F3K21', next_at: null }),
  FiguresView: (_, bare) => ({ from: TODAY, to: TODAY, site_id: 's0', tickets_issued: bare ? 0 : 132 }),
  ClassFiguresView: (at) => ({ class: pick(['green', 'appointment', 'ordinary'], at) }),
  HourFiguresView: (at) => ({ hour: 9 + at }),
  CaseSummary: (at) => ({
    state: 'accepted',
    level: 'none',
    missing_year: null,
    actions: at % 2 ? ['claim'] : [],
    number: `152301-2026-000${123 + at}`,
  }),
  OperatingView: () => ({}),
} as Shapes;

function dayOf(at: number) {
  const date = new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10);
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return { date, working: weekday > 0 && weekday < 6, why: weekday > 0 && weekday < 6 ? '' : 'weekend' };
}

/** A hall's settings, every field of the page with a value of its kind; a bare hall has no queue and no window yet. */
export function settings(bare: boolean): Configuration {
  const week = Array.from({ length: 7 }, (_, day) =>
    day < 5
      ? [
          { from_minute: 510, to_minute: 720 },
          { from_minute: 840, to_minute: 1050 },
        ]
      : [],
  );
  const made: Configuration = {
    lines: (bare ? [] : lines).map((name, at) => ({
      id: `l${at}`,
      name,
      prefix: pick(['A', 'B', 'C', 'Z'], at),
      daily_contingent: at ? 60 : null,
    })),
    windows: (bare ? [] : [1, 2, 3, 4, 5, 6]).map((number) => ({
      id: `w${number - 1}`,
      number,
      purpose: number === 2 ? 'issue' : 'general',
      line_ids: ['l0', 'l2'],
      preferred_line_ids: [],
    })),
    hours: { kind: 'weekly', week, special_days: [{ date: dayFrom(7), spans: [] }] },
    policy: {
      quick_matter_ids: ['m1'],
      roster: [{ window_id: 'w0', starts_at: Date.parse(NOW), ends_at: Date.parse(NOW) + 7_200_000 }],
      taking: { sections: [{ line_id: 'l0', from_minute: 510, to_minute: 600, at_most: 30 }], phone: {}, paper: {} },
      serving: { park_reasons: [{ text: '去复印', remind_after_ms: 600_000 }], covers: [{ principal: 'p0', covers: ['p1'] }] },
      appointments: {
        lines: [{ line_id: 'l0', slot_min: 30, capacity: 4, week, special_days: [] }],
        no_show_block: { no_shows: 3, within_days: 30, for_days: 14 },
        messages: {},
      },
      goals: {},
      reminders: {},
      evaluations: {},
      upstream: {},
      cases: {},
      notices: {},
    },
  };
  for (const { fields } of groups)
    for (const { path, kind, choices } of fields) {
      const value = { words: ['没人应', '人走开了'], flag: true, text: '请到导办台，我们帮您看', choice: choices?.[0]?.value, percent: 95 }[
        kind as string
      ];
      setAt(made, path, value ?? (kind === 'minutes' || kind === 'seconds' ? 1_200_000 : 5));
    }
  return made;
}

/** A matter that can be accepted as soon as its materials are there: no situations, no form of its own. */
export function matterToTake(filler: Filler): Schemas['MatterView'] {
  const made = filler.one('MatterView', 0);
  const materials = made.materials.map((one, at) => ({ ...one, id: `mt${at}`, required: true, tolerable: at === 2, situation_ids: [] }));
  return {
    ...made,
    id: 'm0',
    handled_in: 'local',
    takes_cases: true,
    situations: [],
    form_schema: null,
    materials,
  } as Schemas['MatterView'];
}

/** 应进必进: one that must be taken in the hall, one that may stay outside for a time. */
export const entryList = matters.slice(0, 4).map((name, at) => ({
  code: `11152301000${at}`,
  name,
  exemption: at === 1 ? { reason: '专网还没接到镇里', approver: '区政务服务局', from: dayFrom(-30), to: dayFrom(60) } : null,
}));
/** What the tiers ask. */
export const checklist = [
  {
    id: 'p-1',
    tier: 'basic',
    kinds: ['center', 'station'],
    text: '有固定场所和统一标识，公示服务事项、办事指南和监督电话',
    evidence: false,
  },
  { id: 'p-2', tier: 'standard', kinds: ['center'], text: '综合窗口不少于 3 个，首席代表授权到位', evidence: true },
  { id: 'p-3', tier: 'model', kinds: ['center', 'station'], text: '一件事一次办不少于 10 项，网办率 80% 以上', evidence: true },
];
