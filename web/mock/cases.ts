// Development only: invented matters, cases and certificates. Names, numbers and phones are made up.
import type { Case, CaseClock, CaseInput, CaseState, CaseSummary, Certificate, ClockDay, Matter } from '../src/shared/api-types.ts';
import { ago } from './hall.ts';

export const matters: Matter[] = [
  {
    id: 'm_dc_demo-promised', name: '困难残疾人生活补贴和重度残疾人护理补贴', case_kind: 'promised', department_name: '社会事务和民政办', promised_days: 10, statutory_days: 30, tolerant: true,
    applicant_kinds: ['person'], conditions: ['本镇户籍', '持有残疾人证', '属低保、低收入家庭或重度残疾'],
    situations: [
      { question: '申请哪一项', many: false, options: [{ id: 's1', name: '生活补贴' }, { id: 's2', name: '护理补贴' }, { id: 's3', name: '两项都要' }] },
      { question: '残疾等级', many: false, options: [{ id: 's4', name: '一级' }, { id: 's5', name: '二级' }, { id: 's6', name: '三、四级（智力、精神）' }] },
    ],
    materials: [
      { id: 'x1', name: '身份证', required: true, tolerable: false, keeping: 'verified' },
      { id: 'x2', name: '残疾人证', required: true, tolerable: false, keeping: 'verified' },
      { id: 'x3', name: '两项补贴申请审批表', required: true, tolerable: false, keeping: 'collected', originals: 1, copies: 0 },
      { id: 'x4', name: '社保卡（一卡通）', required: true, tolerable: false, keeping: 'collected', originals: 0, copies: 1 },
      { id: 'x5', name: '低保或低收入家庭认定书', required: true, tolerable: true, keeping: 'collected', originals: 1, situation_ids: ['s1', 's3'] },
      { id: 'x6', name: '护理等级评估表', required: false, tolerable: false, keeping: 'collected', originals: 1, situation_ids: ['s2', 's3'] },
    ],
  },
  { id: 'm_dc_demo-instant', name: '城乡居民基本医疗保险参保信息变更', case_kind: 'instant', department_name: '社会保障服务所', promised_days: 0, statutory_days: 5, materials: [{ id: 'y1', name: '身份证', required: true, tolerable: false, keeping: 'verified' }, { id: 'y2', name: '变更登记表', required: true, tolerable: false, keeping: 'collected', originals: 1 }] },
  ...['高龄津贴申领', '临时救助申请', '生育登记', '最低生活保障对象认定', '特困人员供养认定', '农村村民宅基地使用审批', '乡村建设规划许可证核发（村民住宅）', '林木采伐许可（自留地、房前屋后零星林木除外）'].map((name, index): Matter => ({
    id: `m_dc_x${index}`, name, case_kind: 'promised', department_name: '社会事务和民政办', promised_days: 8, statutory_days: 20, materials: [{ id: `z${index}`, name: '身份证', required: true, tolerable: false, keeping: 'verified' }],
  })),
];

const iso = (date: Date) => date.toISOString().slice(0, 10);
function clock(acceptedDaysAgo: number, budget: number, level: number | null, stopped: number[] = []): CaseClock {
  const days: ClockDay[] = [];
  let spent = 0;
  let due = '';
  let counted = 0;
  for (let index = 0; counted < budget; index += 1) {
    const date = new Date(Date.now() + (index - acceptedDaysAgo) * 86_400_000 + 8 * 3_600_000);
    const isWeekend = date.getUTCDay() % 6 === 0;
    const why = index === 0 ? 'first_day' : stopped.includes(index) ? 'suspended' : isWeekend ? 'weekend' : 'working';
    const counts = why === 'working';
    if (counts) counted += 1;
    if (counts && index <= acceptedDaysAgo) spent += 1;
    due = iso(date);
    days.push({ date: iso(date), counts, why });
  }
  return { budget, spent, suspensions: stopped.length ? [{ from: ago((acceptedDaysAgo - (stopped[0] ?? 0)) * 1440), to: ago(1440 * 6), procedure: '鉴定', basis: '行政许可法第 45 条' }] : [], due_at: `${due}T15:59:59+00:00`, statutory_due_at: ago(-1440 * 30), level, days };
}

let serial = 12;
const caseActions: Partial<Record<CaseState, string[]>> = {
  received: ['accept', 'accept-tolerant', 'request-correction', 'propose-refusal', 'withdraw'],
  correcting: ['supply', 'withdraw'],
  refusal_proposed: ['confirm-refusal', 'overturn-refusal'],
  accepted: ['claim'],
  in_review: ['approve', 'deny', 'release', 'suspend', 'extend'],
};

function makeCase(name: string, matter: string, state: CaseState, acceptedDaysAgo: number, budget: number, level: number | null, more: Partial<Case> = {}): Case {
  serial += 1;
  return {
    id: `c_dc_${serial}`, number: `152100-20261110-00${serial}`, query_code: 'K7M2P9QX', state, reporting_state: 3, kind: 'promised', matter_id: 'm_dc_demo-promised', matter_name: matter,
    applicant: { kind: 'person', name, id_type: 'resident_id', id_number: '152***********0031', phone: '139****5520', address: '白桦镇河湾嘎查' },
    materials: (matters[0] as Matter).materials.map((one) => ({ material_id: one.id, name: one.name, status: one.keeping === 'verified' ? 'verified' : one.tolerable ? 'promised' : 'collected', originals: one.originals ?? 0, copies: one.copies ?? 0, required: one.required, due: one.tolerable ? iso(new Date(Date.now() + 864e6)) : null })),
    actions: caseActions[state] ?? [],
    clock: clock(acceptedDaysAgo, budget, level, acceptedDaysAgo > 10 ? [3, 6, 7] : []),
    history: [
      { at: ago(acceptedDaysAgo * 1440), type: 'case_accepted', text: '受理，3 号窗口', by: '乌云其其格' },
      { at: ago((acceptedDaysAgo - 1) * 1440), type: 'case_claimed', text: '领取', by: '孟克巴特尔' },
      { at: ago((acceptedDaysAgo - 3) * 1440), type: 'case_suspended', text: '送鉴定，停钟，已书面告知', by: '孟克巴特尔' },
      { at: ago((acceptedDaysAgo - 8) * 1440), type: 'case_resumed', text: '鉴定回来，恢复计时', by: '孟克巴特尔' },
    ],
    makes_certificate: true,
    ...more,
  };
}

export const cases: Case[] = [
  makeCase('李*华', '农村村民宅基地使用审批', 'in_review', 16, 8, 3),
  makeCase('包*花', '临时救助对象认定', 'in_review', 13, 8, 2),
  makeCase('赵*国', '困难残疾人生活补贴和重度残疾人护理补贴', 'in_review', 14, 8, 1),
  makeCase('阿*娜', '最低生活保障对象认定', 'in_review', 9, 8, 1),
  makeCase('吴*山', '特困人员供养认定', 'in_review', 6, 8, null),
  makeCase('云川区河湾种植专业合作社联合社', '林木采伐许可（自留地、房前屋后零星林木除外）', 'accepted', 3, 8, null),
  makeCase('斯*高', '再生育登记', 'accepted', 1, 8, null),
  makeCase('白桦镇晨光理发店', '公共场所卫生许可（新办）', 'suspended', 20, 20, null),
  makeCase('陈*平', '乡村建设规划许可证核发（村民住宅）', 'refusal_proposed', 1, 10, null, { refusal: { reason_code: 'not_competent', text: '宅基地在河湾街道，应由河湾街道受理', proposed_by_name: '乌云其其格' } }),
  makeCase('胡*', '残疾人证换发', 'decided', 12, 10, null, { decision: 'approved', actions: ['certificate'] }),
];

export const summaryOf = (one: Case): CaseSummary => ({
  id: one.id, number: one.number, state: one.state, matter_name: one.matter_name, applicant_name: one.applicant.name, due_at: one.clock?.due_at ?? null, level: one.clock?.level ?? null,
  days_left: one.clock ? one.clock.budget - one.clock.spent : null, mine: one.state === 'in_review', claimed_by_name: one.state === 'in_review' ? '孟克巴特尔' : null, actions: one.actions,
});

export function register(input: CaseInput): Case {
  const matter = matters.find((one) => one.id === input.matter_id) ?? (matters[0] as Matter);
  const mask = (text: string, head: number, tail: number) => text.slice(0, head) + '*'.repeat(Math.max(1, text.length - head - tail)) + text.slice(text.length - tail);
  const made = makeCase(mask(input.applicant.name, 1, input.applicant.name.length > 2 ? 1 : 0), matter.name, 'received', 0, matter.promised_days || 1, null, {
    kind: matter.case_kind, matter_id: matter.id, history: [],
    materials: input.materials.map((one) => ({ ...one, name: matter.materials.find(({ id }) => id === one.material_id)?.name ?? '' })),
  });
  cases.push(made);
  return made;
}

export function change(id: string, more: Partial<Case>): Case | undefined {
  const index = cases.findIndex((one) => one.id === id);
  const before = cases[index];
  if (!before) return undefined;
  const after = { ...before, ...more };
  after.actions = more.actions ?? (after.state === 'accepted' && after.kind === 'instant' ? ['decide_instant'] : (caseActions[after.state] ?? []));
  cases[index] = after;
  return after;
}

const people = ['李*芳', '吴*山', '包*', '孙*', '白*', '胡*', '郭*', '萨*娜', '齐*', '王*明', '乌*', '陈*', '赵*国', '刘*梅'];
const certificateActions = (one: Certificate): string[] => {
  const open = ['confirmed', 'not_required', 'waived'].includes(one.upload);
  return [one.custody === 'made' ? 'receive' : '', open && one.custody === 'in_cabinet' ? 'notify' : '', open && one.custody === 'in_cabinet' ? 'hand-over' : '', one.upload === 'failed' ? 'retry-upload' : '', one.custody === 'in_cabinet' ? 'return' : ''].filter(Boolean);
};
export const certificates: Certificate[] = Array.from({ length: 30 }, (_, index) => {
  const days = (index * 7) % 40;
  const one: Certificate = {
    id: `cert_dc_${index}`, case_id: `c_dc_${13 + (index % 9)}`, case_number: `152100-20261103-00${10 + index}`, matter_name: '残疾人证换发', applicant_name: people[index % people.length] ?? '', name: '中华人民共和国残疾人证（换发）',
    number: `15210019${640000 + index * 311}43`, custody: index < 3 ? 'made' : 'in_cabinet', upload: index % 11 === 4 ? 'pending' : index === 8 ? 'failed' : 'confirmed', identifier: '1.2.156.3005.2.11100000000013338W032',
    slot: index < 3 ? null : `${'ABCDEFGH'[(index * 11) % 8]}0${(Math.floor(((index * 11) % 64) / 8) % 8) + 1}`, made_at: ago(days * 1440 + 600), received_at: index < 3 ? null : ago(days * 1440), notified_at: index % 4 === 1 || index < 3 ? null : ago(days * 1440 - 30),
  };
  one.actions = certificateActions(one);
  return one;
});
export function changeCertificate(id: string, more: Partial<Certificate>): Certificate | undefined {
  const index = certificates.findIndex((one) => one.id === id);
  const before = certificates[index];
  if (!before) return undefined;
  const after = { ...before, ...more };
  after.actions = certificateActions(after);
  certificates[index] = after;
  return after;
}
export function makeCertificate(caseId: string, number: string): Certificate {
  const of = change(caseId, { actions: [] });
  const made: Certificate = { id: `cert_dc_${certificates.length}`, case_id: caseId, case_number: of?.number, matter_name: of?.matter_name, applicant_name: of?.applicant.name, name: of?.matter_name, number, custody: 'made', upload: 'pending', slot: null, made_at: ago(0), notified_at: null };
  made.actions = certificateActions(made);
  certificates.push(made);
  setTimeout(() => changeCertificate(made.id, { upload: 'confirmed' }), 4000);
  return made;
}
