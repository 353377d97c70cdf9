// A matter's content as the editor holds it: every field of the 实施清单 but identity, version and state. Knows how each
// field is shown and typed, and no page.
import type { ApplicantKind } from '../../../shared/contract';

export interface Material {
  id: string;
  name: string;
  kind: string;
  originals: number;
  copies: number;
  required: boolean;
  tolerable: boolean;
  keeping: string;
  source: string;
  acceptance_points: string[];
  situation_ids: string[];
  sample: string;
  blank_form: string;
}

export interface Question {
  question: string;
  many: boolean;
  options: { id: string; name: string }[];
  asked_if?: string[];
}

/** A step of 图例版: one of the pages' own pictures, or one that was sent (`file`: the hash of its content). */
export interface GuideStep {
  icon: string;
  title: string;
  text: string;
  file: string | null;
  alt: string;
}

/** 视频版: a film that was sent, or an address. */
export interface GuideFilm {
  title: string;
  url: string;
  transcript: string;
  file: string | null;
}

export interface Details {
  basic_code: string;
  business_item_code: string;
  department_nature: string;
  statutory_note: string;
  promised_note: string;
  flow: string[];
  intermediary_services: string[];
  annual_inspection: string;
  online_depth: number | null;
  courier: boolean;
  result_type: string;
  address: string;
  hours: string;
  area_codes: string[];
  effective_on: string | null;
  expires_on: string | null;
  pictures: GuideStep[];
  video: GuideFilm | null;
}

export interface Step {
  id: string;
  name: string;
  department_id: string | null;
  signer: 'approver' | 'leader';
}
export interface Opinion {
  name: string;
  text: string;
  denies: boolean;
}
export interface Stage {
  steps: Step[];
}

export interface Content {
  code: string;
  name: string;
  aliases: string[];
  matter_type: string;
  department_id: string;
  category: string;
  area_code: string;
  exercise_level: string;
  power_source: string | null;
  legal_basis: string[];
  case_kind: 'instant' | 'promised';
  applicant_kinds: ApplicantKind[];
  handling_forms: string[];
  statutory_days: number | null;
  promised_days: number;
  special_procedures: { procedure: string; days: number; basis: string; stops_clock: boolean }[];
  conditions: string[];
  materials: Material[];
  situations: Question[];
  fee: { basis: string; standard: string } | null;
  visits: number;
  certificate: { name: string; valid_years: number | null; licence_type: string | null } | null;
  consultation_phone: string;
  complaint_phone: string;
  guide: string;
  details: Details;
  form_schema?: Record<string, unknown> | null;
  approval?: Stage[];
  opinions?: Opinion[];
}

export const blankDetails = (): Details => ({
  basic_code: '',
  business_item_code: '',
  department_nature: '',
  statutory_note: '',
  promised_note: '',
  flow: [],
  intermediary_services: [],
  annual_inspection: '',
  online_depth: null,
  courier: false,
  result_type: '',
  address: '',
  hours: '',
  area_codes: [],
  effective_on: null,
  expires_on: null,
  pictures: [],
  video: null,
});

export const blankContent = (): Content => ({
  code: '',
  name: '',
  aliases: [],
  matter_type: 'public_service',
  department_id: '',
  category: '',
  area_code: '',
  exercise_level: 'town',
  power_source: null,
  legal_basis: [],
  case_kind: 'promised',
  applicant_kinds: ['person'],
  handling_forms: ['window'],
  statutory_days: null,
  promised_days: 10,
  special_procedures: [],
  conditions: [],
  materials: [],
  situations: [],
  fee: null,
  visits: 1,
  certificate: null,
  consultation_phone: '',
  complaint_phone: '12345',
  guide: '',
  details: blankDetails(),
});

export type Choice = readonly [value: string, word: string];

export const matterTypes: readonly Choice[] = [
  ['permission', '行政许可'],
  ['penalty', '行政处罚'],
  ['enforcement', '行政强制'],
  ['levy', '行政征收'],
  ['benefit', '行政给付'],
  ['inspection', '行政检查'],
  ['confirmation', '行政确认'],
  ['award', '行政奖励'],
  ['ruling', '行政裁决'],
  ['other', '其他行政权力'],
  ['public_service', '公共服务'],
];
export const levels: readonly Choice[] = [
  ['national', '国家级'],
  ['province', '省级'],
  ['city', '市级'],
  ['county', '县级'],
  ['town', '镇级'],
  ['village', '村级'],
  ['graded', '分级'],
];
export const powerSources: readonly Choice[] = [
  ['statutory', '法定本级行使'],
  ['devolved', '上级下放'],
  ['authorised_from_above', '上级授权'],
  ['authorised_by_peer', '同级授权'],
  ['entrusted_from_above', '上级委托'],
  ['entrusted_by_peer', '同级委托'],
];
export const applicantKinds: readonly Choice[] = [
  ['person', '自然人'],
  ['enterprise', '企业法人'],
  ['institution', '事业法人'],
  ['social_org', '社会组织'],
  ['agency', '行政机关'],
  ['other', '其他组织'],
];
export const handlingForms: readonly Choice[] = [
  ['window', '窗口'],
  ['web', '网上'],
  ['mobile', '手机'],
  ['courier', '快递'],
  ['other', '其他'],
];
export const procedures: readonly Choice[] = [
  ['hearing', '听证'],
  ['tender', '招标'],
  ['auction', '拍卖'],
  ['inspection', '检验'],
  ['testing', '检测'],
  ['quarantine', '检疫'],
  ['appraisal', '鉴定'],
  ['expert_review', '专家评审'],
  ['site_survey', '现场勘验'],
  ['public_notice', '公示'],
];
export const materialKinds: readonly Choice[] = [
  ['form', '申请表'],
  ['licence', '证照'],
  ['proof', '证明'],
  ['paper', '其他材料'],
];
export const keepings: readonly Choice[] = [
  ['verified', '核验，看一下就还'],
  ['collected', '收取，留下'],
];
export const sources: readonly Choice[] = [
  ['applicant', '申请人自备'],
  ['government', '政府部门出具'],
  ['third_party', '第三方出具'],
];
export const delegations: readonly Choice[] = [
  ['entrusted_acceptance', '委托受理'],
  ['authorised', '授权办理'],
  ['assisted', '帮办代办'],
];
export const delegationMeanings: Record<string, string> = {
  entrusted_acceptance: '这里收件、受理，由上级部门决定',
  authorised: '这里收件、受理，也在这里决定',
  assisted: '这里只帮忙，不收件；到上级窗口或网上办',
};
export const stepWords: Record<string, string> = {
  none: '没有草稿',
  editing: '草稿',
  in_review: '等审核',
  approved: '审核通过，等发布',
  scheduled: '定时发布',
};
export const eventWords: Record<string, string> = {
  matter_added: '导入新增',
  matter_changed: '导入改动',
  matter_retired: '停办',
  matter_published: '发布',
  matter_draft_begun: '开始写草稿',
  matter_draft_saved: '改草稿',
  matter_draft_submitted: '送审',
  matter_draft_approved: '审核通过',
  matter_draft_returned: '退回',
  matter_draft_scheduled: '定时发布',
  matter_draft_unscheduled: '取消定时',
  matter_draft_discarded: '丢弃草稿',
  bundle_retired: '停办',
  bundle_published: '发布',
  bundle_draft_begun: '开始写草稿',
  bundle_draft_saved: '改草稿',
  bundle_draft_submitted: '送审',
  bundle_draft_approved: '审核通过',
  bundle_draft_returned: '退回',
  bundle_draft_discarded: '丢弃草稿',
};

/** How a field is typed. */
export interface Field {
  readonly path: string;
  readonly label: string;
  readonly as: 'text' | 'long' | 'lines' | 'select' | 'checks' | 'number' | 'date' | 'yes';
  readonly choices?: readonly Choice[];
  /** What an empty field is. */
  readonly empty?: 'null';
  readonly hint?: string;
  /** Columns of four that it takes. */
  readonly span?: 1 | 2 | 4;
}

/** The value at a path of a content. */
export function valueAt(content: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], content);
}

/** Puts a value at a path of a content. */
export function setAt(content: unknown, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const place = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], content);
  (place as Record<string, unknown>)[last] = value;
}

/** Lines of a list as one text, and back. */
export const linesOf = (list: unknown): string => (Array.isArray(list) ? list.join('\n') : '');
export const listOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** A fresh tail of an id: 80 random bits. */
export const freshTail = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, '0')).join('');
/** The short key of the site in one of its ids. */
export const siteKeyOf = (id: string): string => id.split('_')[1] ?? '';

export interface Section {
  readonly key: string;
  readonly word: string;
  /** Where the errors of its fields begin. */
  readonly holds: readonly string[];
}

export const sections: readonly Section[] = [
  {
    key: 'basics',
    word: '基本',
    holds: [
      'name',
      'code',
      'aliases',
      'matter_type',
      'department_id',
      'category',
      'area_code',
      'exercise_level',
      'power_source',
      'legal_basis',
      'line_id',
      'details.basic_code',
      'details.business_item_code',
      'details.department_nature',
      'details.area_codes',
      'details.effective_on',
      'details.expires_on',
    ],
  },
  {
    key: 'handling',
    word: '办理',
    holds: [
      'case_kind',
      'applicant_kinds',
      'handling_forms',
      'statutory_days',
      'promised_days',
      'special_procedures',
      'conditions',
      'fee',
      'visits',
      'certificate',
      'consultation_phone',
      'complaint_phone',
      'details',
    ],
  },
  { key: 'approval', word: '审批步骤', holds: ['approval', 'opinions'] },
  { key: 'situations', word: '情形', holds: ['situations'] },
  { key: 'materials', word: '材料', holds: ['materials'] },
  { key: 'form', word: '申请表', holds: ['form_schema'] },
  { key: 'guide', word: '指南', holds: ['guide', 'details.pictures', 'details.video'] },
];

/** The section in which a field of an error stands. */
export function sectionOf(field: string, of: readonly Section[] = sections): string {
  const path = field.replace(/^content\./, '');
  const fits = (prefix: string) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`);
  const best = of
    .flatMap(({ key, holds }) => holds.filter(fits).map((prefix) => ({ key, length: prefix.length })))
    .sort((one, other) => other.length - one.length)[0];
  return best?.key ?? 'basics';
}

/** The first section, in their order, in which one of the fields stands. */
export function firstSectionOf(fields: readonly string[], of: readonly Section[] = sections): string | undefined {
  const wrong = new Set(fields.map((field) => sectionOf(field, of)));
  return of.find(({ key }) => wrong.has(key))?.key;
}
