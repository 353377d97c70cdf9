// The settings of a hall as the page edits them: every field with its word, its meaning and how it is written; and
// what differs between two of them. The rules themselves are the server's, this only names them.
import type { Span } from './spans';

export interface LineSetup {
  id: string;
  name: string;
  prefix: string;
  daily_contingent: number | null;
}
export interface WindowSetup {
  id: string;
  number: number;
  purpose: string;
  line_ids: string[];
  preferred_line_ids: string[];
}
export type Hours = { kind: 'round_the_clock' } | { kind: 'weekly'; week: Span[][]; special_days: { date: string; spans: Span[] }[] };
export interface Bookable {
  line_id: string;
  slot_min: number;
  capacity: number;
  week: Span[][];
  special_days: { date: string; spans: Span[] }[];
}
export interface Shift {
  window_id: string;
  starts_at: number;
  ends_at: number;
}
export interface Policy {
  quick_matter_ids: string[];
  roster: Shift[];
  taking: { sections: { line_id: string; from_minute: number; to_minute: number; at_most: number }[]; [key: string]: unknown };
  serving: {
    park_reasons: { text: string; remind_after_ms: number | null }[];
    covers: { principal: string; covers: string[] }[];
    [key: string]: unknown;
  };
  appointments: {
    lines: Bookable[];
    no_show_block: { no_shows: number; within_days: number; for_days: number } | null;
    [key: string]: unknown;
  };
  [key: string]: unknown;
}
export interface Configuration {
  lines: LineSetup[];
  windows: WindowSetup[];
  hours: Hours;
  policy: Policy;
}

export type Kind =
  'count' | 'minutes' | 'seconds' | 'plain-minutes' | 'percent' | 'text' | 'choice' | 'flag' | 'words' | 'optional-minutes';
export interface Field {
  path: string;
  label: string;
  hint: string;
  kind: Kind;
  unit?: string;
  choices?: { value: string; word: string }[];
}
export type Special = 'hours' | 'quick' | 'sections' | 'park' | 'covers' | 'bookable' | 'roster' | 'no-show';
export interface Group {
  key: string;
  word: string;
  /** What the group is about, in one sentence. */
  about: string;
  fields: Field[];
  special: Special[];
}

const bound = (path: string, label: string, who: string): Field => ({
  path: `policy.${path}`,
  label,
  hint: `每叫几个号，最多有 1 个是${who}；1 是不限`,
  kind: 'count',
  unit: '个里 1 个',
});

const deadline = (name: string, label: string, hint: string): Field => ({
  path: `policy.evaluations.${name}`,
  label,
  hint,
  kind: 'count',
  unit: '个工作日',
});

export const groups: Group[] = [
  {
    key: 'hours',
    word: '开门时间',
    about: '门开着才能取号。放假和调休上班要写在特别的日子里，可以照节假日安排一次填好。',
    fields: [],
    special: ['hours'],
  },
  {
    key: 'order',
    word: '叫号次序',
    about: '谁先叫。前面的先，但每一类都有上限，普通号总轮得到。',
    fields: [
      { path: 'policy.over_limit_ms', label: '等多久算太久', hint: '等得比这久的人，排到所有人前面', kind: 'minutes' },
      bound('green_bound', '绿色通道', '老人、残疾人、军人这些优先的人'),
      bound('appointment_bound', '预约', '到了预约时间的人'),
      bound('quick_bound', '简事快办', '只办简单事项的人'),
      bound('returned_bound', '过号回来', '过号、挂起以后回来的人'),
      bound('transferred_bound', '转来排首位', '别的窗口转过来、排第一位的人'),
      { path: 'policy.assumed_service_ms', label: '一位大约办多久', hint: '还没有办过的队，先按这个估等候时间', kind: 'minutes' },
      { path: 'policy.roster_lead_ms', label: '窗口多久以内会开', hint: '排了班、这么久以内会开的窗口，也算有人办', kind: 'minutes' },
    ],
    special: ['quick'],
  },
  {
    key: 'missed',
    word: '过号和重呼',
    about: '叫了没来的人，隔几个号自己回到队里。',
    fields: [
      {
        path: 'policy.return_after_calls',
        label: '隔几个号再叫',
        hint: '这条队再叫这么多个号以后，过号的人回来',
        kind: 'count',
        unit: '个号',
      },
      { path: 'policy.return_after_ms', label: '最久隔多久', hint: '没有叫满，到这个时间也回来', kind: 'minutes' },
      { path: 'policy.returns_max', label: '最多回来几次', hint: '再没到，这个号就作废', kind: 'count', unit: '次' },
      { path: 'policy.recall_max', label: '最多重呼几次', hint: '一个号最多再喊这么多次', kind: 'count', unit: '次' },
      { path: 'policy.recall_cooldown_ms', label: '两次重呼隔多久', hint: '0 是不隔', kind: 'seconds' },
    ],
    special: [],
  },
  {
    key: 'taking',
    word: '取号',
    about: '最后一个号什么时候给，每个时段给几个，能不能用手机取。',
    fields: [
      { path: 'policy.taking.last_number_before_close_ms', label: '下班前多久停号', hint: '0 是到关门才停', kind: 'minutes' },
      { path: 'policy.taking.last_number_before_break_ms', label: '午休前多久停号', hint: '0 是到午休才停', kind: 'minutes' },
      { path: 'policy.guide_text', label: '没有窗口办时怎么说', hint: '取号机上显示，最多 200 个字', kind: 'text' },
      {
        path: 'policy.taking.phone.reach',
        label: '手机取号',
        hint: '在大厅里扫码，或者在家也能取',
        kind: 'choice',
        choices: [
          { value: 'off', word: '不能' },
          { value: 'hall', word: '在大厅扫码' },
          { value: 'anywhere', word: '在家也行' },
        ],
      },
      { path: 'policy.taking.phone.code_minutes', label: '大厅的码有效多久', hint: '过了就换新码，拍照回家用不了', kind: 'plain-minutes' },
      { path: 'policy.taking.phone.per_phone_and_day', label: '一个手机一天几个号', hint: '', kind: 'count', unit: '个' },
      {
        path: 'policy.taking.paper.prefixes',
        label: '纸号的字头',
        hint: '停电时发的预印号，一到两个大写字母，用逗号隔开；不写是没有',
        kind: 'words',
      },
      { path: 'policy.taking.paper.days_back', label: '纸号几天内补录', hint: '最多 31 天', kind: 'count', unit: '天' },
    ],
    special: ['sections'],
  },
  {
    key: 'serving',
    word: '窗口办理',
    about: '过号、挂起、求助时让人选的原因，以及下班时还在等的人怎么办。',
    fields: [
      { path: 'policy.serving.miss_reasons', label: '过号的原因', hint: '用逗号隔开，最多 9 个；还可以另写', kind: 'words' },
      { path: 'policy.serving.help_reasons', label: '请主管的原因', hint: '用逗号隔开，最多 9 个', kind: 'words' },
      { path: 'policy.serving.park_reminder_ms', label: '挂起多久提醒', hint: '没有自己时间的原因按这个；0 是不提醒', kind: 'minutes' },
      { path: 'policy.serving.day_end_after_ms', label: '关门多久后收工', hint: '到时候还在等的号按下面一条办', kind: 'minutes' },
      {
        path: 'policy.serving.carry_over',
        label: '收工时还在等的',
        hint: '作废会在群众的手机页上说明',
        kind: 'choice',
        choices: [
          { value: 'off', word: '号作废' },
          { value: 'next_opening', word: '下次开门先办' },
        ],
      },
    ],
    special: ['park', 'covers'],
  },
  {
    key: 'roster',
    word: '排班',
    about: '哪个窗口几点有人，没开窗也能取号。人员页排了班的不用在这里再写；只放最近几天的。',
    fields: [],
    special: ['roster'],
  },
  {
    key: 'appointments',
    word: '预约',
    about: '哪些队能约、一个时段几个人、来早来晚怎么办。',
    fields: [
      { path: 'policy.appointments.earliest_days', label: '最多提前几天约', hint: '1 到 90 天', kind: 'count', unit: '天' },
      { path: 'policy.appointments.latest_min', label: '最晚提前多久约', hint: '时段开始前这么久就不能再约', kind: 'plain-minutes' },
      { path: 'policy.appointments.check_in_before_min', label: '最早提前多久报到', hint: '', kind: 'plain-minutes' },
      { path: 'policy.appointments.late_min', label: '晚到多久还留着', hint: '从时段结束算起', kind: 'plain-minutes' },
      {
        path: 'policy.appointments.when_late',
        label: '过了以后',
        hint: '',
        kind: 'choice',
        choices: [
          { value: 'void', word: '作废，可以另取号' },
          { value: 'ordinary', word: '当天按普通号' },
        ],
      },
      { path: 'policy.appointments.follows_calendar', label: '照法定日历', hint: '放假不能约，调休上班能约', kind: 'flag' },
      {
        path: 'policy.appointments.make_up_weekday',
        label: '调休上班那天照星期几',
        hint: '',
        kind: 'choice',
        choices: ['一', '二', '三', '四', '五', '六', '日'].map((word, at) => ({ value: String(at + 1), word })),
      },
      { path: 'policy.appointments.per_line_and_day', label: '一人一天一条队约几次', hint: '', kind: 'count', unit: '次' },
      { path: 'policy.appointments.open_max', label: '一人手里最多几个', hint: '还没到的预约', kind: 'count', unit: '个' },
      { path: 'policy.appointments.messages.confirm', label: '约好、改期发短信', hint: '要配好短信平台', kind: 'flag' },
      { path: 'policy.appointments.messages.remind_before_min', label: '提前多久短信提醒', hint: '不写是不提醒', kind: 'optional-minutes' },
    ],
    special: ['bookable', 'no-show'],
  },
  {
    key: 'goals',
    word: '目标和提醒',
    about: '统计和大屏拿它比；不影响叫号。',
    fields: [
      { path: 'policy.goals.average_wait_ms', label: '平均等候', hint: '一天平均不超过', kind: 'minutes' },
      { path: 'policy.goals.service_ms', label: '一件办多久要看一下', hint: '办得比这久，主管页上变黄', kind: 'minutes' },
      { path: 'policy.goals.satisfaction_percent', label: '满意率', hint: '基本满意以上的比例', kind: 'percent' },
      { path: 'policy.reminders.people_ahead', label: '前面还有几人时发短信', hint: '0 是不发；留了手机号才发', kind: 'count', unit: '人' },
      { path: 'policy.reminders.called', label: '叫到时发短信', hint: '第一次叫到时发一条', kind: 'flag' },
    ],
    special: [],
  },
  {
    key: 'evaluations',
    word: '差评和投诉',
    about: '每一步几个工作日，按法定日历，当天不算；到期没办会提醒主管。',
    fields: [
      deadline('verify_days', '核实', '差评以后这么多个工作日内'),
      deadline('reply_days', '整改、答复', '差评以后；不能早于核实'),
      deadline('call_back_days', '回访', '答复以后'),
      { path: 'policy.evaluations.call_tries', label: '打几次没接算联系不上', hint: '', kind: 'count', unit: '次' },
      deadline('appeal_days', '可以申诉', '核实以后，被评的人'),
      deadline('appeal_decision_days', '申诉复核', '申诉以后'),
      deadline('complaint_days', '投诉答复', '收到以后'),
      { path: 'policy.evaluations.quick_s', label: '几秒内就评算太快', hint: '只提示，不作废；0 是不看', kind: 'count', unit: '秒' },
      { path: 'policy.evaluations.burst_ratings', label: '同一来源连着评几次算异常', hint: '只提示，不作废', kind: 'count', unit: '次' },
      { path: 'policy.evaluations.burst_min', label: '连着评看多少分钟', hint: '', kind: 'count', unit: '分钟' },
    ],
    special: [],
  },
  {
    key: 'cases',
    word: '办件',
    about: '期限快到了什么时候提醒，红牌没人处理报给谁，办件编号怎么编。',
    fields: [
      {
        path: 'policy.cases.notice_percent',
        label: '期限剩多少时预警',
        hint: '占承诺期限的百分之几；剩的天数到了下面那个数也预警',
        kind: 'percent',
      },
      { path: 'policy.cases.notice_days', label: '剩几个工作日时预警', hint: '', kind: 'count', unit: '个工作日' },
      { path: 'policy.cases.escalate_days', label: '红牌几天没处理报上一级', hint: '只报一次', kind: 'count', unit: '个工作日' },
      {
        path: 'policy.cases.number_pattern',
        label: '办件编号',
        hint: '{site_code} 场所、{yyyyMMdd} 日期、{serial:04} 流水号各写一次，可以加 {item_code}；改了以后新收的件才用',
        kind: 'text',
      },
      { path: 'policy.cases.courier', label: '结果可以邮寄', hint: '只对“可以邮寄”的事项；关了，群众就只能到窗口领', kind: 'flag' },
      { path: 'policy.cases.authorisation_days', label: '网上授权代办最长', hint: '从授权那天起，最多 365', kind: 'count', unit: '天' },
      {
        path: 'policy.cases.paper_days',
        label: '纸质受理几天内可以补录',
        hint: '停电、断网时用纸收的，最多 31',
        kind: 'count',
        unit: '天',
      },
    ],
    special: [],
  },
  {
    key: 'notices',
    word: '领证通知',
    about: '证照放着没人领，隔几个工作日再告诉一次；夜里不发会响手机的消息。0 是不做这一步。',
    fields: [
      { path: 'policy.notices.again_days', label: '再发短信', hint: '第一次通知以后', kind: 'count', unit: '个工作日' },
      { path: 'policy.notices.phone_days', label: '打电话', hint: '出证窗口会看到要打的电话', kind: 'count', unit: '个工作日' },
      { path: 'policy.notices.courier_days', label: '问要不要寄', hint: '比打电话晚', kind: 'count', unit: '个工作日' },
      {
        path: 'policy.notices.quiet_from_hour',
        label: '夜里从几点起不发',
        hint: '验证码、叫号、预约的消息照发；两个钟点一样是不设',
        kind: 'count',
        unit: '点',
      },
      { path: 'policy.notices.quiet_to_hour', label: '到几点', hint: '攒着的这时候发出去', kind: 'count', unit: '点' },
    ],
    special: [],
  },
  {
    key: 'upstream',
    word: '上报',
    about: '办件和评价报给上级平台。下级场所不写就照上一级的，区里设一次就够。',
    fields: [
      {
        path: 'policy.upstream.reporting',
        label: '上报',
        hint: '平台的地址和密钥由运维在配置里设',
        kind: 'choice',
        choices: [
          { value: 'inherit', word: '照上一级' },
          { value: 'on', word: '上报' },
          { value: 'off', word: '不上报' },
        ],
      },
      { path: 'policy.upstream.area_code', label: '区划代码', hint: '12 位数字；空着用本场所的', kind: 'text' },
      { path: 'policy.upstream.data_source', label: '数据来源', hint: '上级平台给的名字；没给就空着', kind: 'text' },
      {
        path: 'policy.upstream.satisfaction',
        label: '满意度怎么数',
        hint: '照上级平台的接口文档，报反了好评会变差评',
        kind: 'choice',
        choices: [
          { value: 'one_is_best', word: '1 是非常满意（国标）' },
          { value: 'five_is_best', word: '5 是非常满意' },
        ],
      },
    ],
    special: [],
  },
];

type Tree = { [key: string]: unknown };

export function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], tree);
}

export function setAt(tree: unknown, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const at = keys.reduce<Tree>((inner, key) => inner[key] as Tree, tree as Tree);
  at[last] = value;
}

const specialPaths: Record<Special, { path: string; label: string }> = {
  hours: { path: 'hours', label: '开门时间' },
  quick: { path: 'policy.quick_matter_ids', label: '简事' },
  sections: { path: 'policy.taking.sections', label: '时段限号' },
  park: { path: 'policy.serving.park_reasons', label: '挂起的原因' },
  covers: { path: 'policy.serving.covers', label: 'AB角' },
  bookable: { path: 'policy.appointments.lines', label: '能预约的队' },
  roster: { path: 'policy.roster', label: '排班' },
  'no-show': { path: 'policy.appointments.no_show_block', label: '爽约限制' },
};

/** A value as people read it. */
export function shownValue(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '不';
  switch (field.kind) {
    case 'minutes':
      return `${Number(value) / 60_000} 分钟`;
    case 'seconds':
      return `${Number(value) / 1000} 秒`;
    case 'plain-minutes':
    case 'optional-minutes':
      return `${Number(value)} 分钟`;
    case 'percent':
      return `${Number(value)}%`;
    case 'flag':
      return value ? '是' : '否';
    case 'choice':
      return field.choices?.find((choice) => choice.value === String(value))?.word ?? String(value);
    case 'words':
      return (value as string[]).join('、') || '没有';
    case 'text':
      return `“${String(value)}”`;
    case 'count':
      return `${Number(value)} ${field.unit ?? ''}`.trim();
  }
}

export interface Difference {
  group: string;
  path: string;
  label: string;
  before: string;
  after: string;
}

/** What differs between two settings, field by field, in the order of the form. */
export function differences(before: Configuration, after: Configuration): Difference[] {
  const found: Difference[] = [];
  for (const group of groups) {
    for (const field of group.fields) {
      const [one, other] = [valueAt(before, field.path), valueAt(after, field.path)];
      if (JSON.stringify(one) !== JSON.stringify(other))
        found.push({
          group: group.key,
          path: field.path,
          label: field.label,
          before: shownValue(field, one),
          after: shownValue(field, other),
        });
    }
    for (const special of group.special) {
      const { path, label } = specialPaths[special];
      if (JSON.stringify(valueAt(before, path)) !== JSON.stringify(valueAt(after, path)))
        found.push({ group: group.key, path, label, before: '', after: '改了' });
    }
  }
  return found;
}

/** Whether a wrong field, as the server names it, lies under a path of the form. */
export function liesUnder(path: string, field: string): boolean {
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}

/** The group whose fields an error belongs to. */
export function groupOf(field: string): string | undefined {
  const has = (group: Group) =>
    group.fields.some(({ path }) => liesUnder(path, field)) ||
    group.special.some((special) => liesUnder(specialPaths[special].path, field));
  const named = groups.find(has)?.key;
  return named ?? (field.startsWith('policy.serving') ? 'serving' : field === 'policy.bounds' ? 'order' : undefined);
}
