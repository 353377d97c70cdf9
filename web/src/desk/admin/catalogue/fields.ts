// The plain fields of a matter by section, as the grid of the editor shows them.
import type { Choice, Field } from './content';
import { applicantKinds, handlingForms, levels, matterTypes, powerSources } from './content';

export const basics = (departments: readonly Choice[]): readonly Field[] => [
  { path: 'name', label: '事项名称', as: 'text', span: 2 },
  { path: 'aliases', label: '俗称', hint: '一行一个，找的时候用', as: 'lines', span: 2 },
  { path: 'code', label: '实施编码', as: 'text', span: 2 },
  { path: 'details.basic_code', label: '基本编码（选填）', as: 'text' },
  { path: 'details.business_item_code', label: '业务办理项编码（选填）', as: 'text' },
  { path: 'matter_type', label: '事项类型', as: 'select', choices: matterTypes },
  { path: 'department_id', label: '实施部门', as: 'select', choices: departments },
  { path: 'details.department_nature', label: '实施主体性质（选填）', as: 'text' },
  { path: 'category', label: '分类', as: 'text' },
  { path: 'exercise_level', label: '行使层级', as: 'select', choices: levels },
  { path: 'power_source', label: '权力来源', as: 'select', choices: powerSources, empty: 'null' },
  { path: 'area_code', label: '区划代码', as: 'text' },
  { path: 'details.area_codes', label: '适用镇村代码（选填）', hint: '一行一个', as: 'lines' },
  { path: 'legal_basis', label: '设定依据', hint: '一行一条', as: 'lines', span: 4 },
  { path: 'details.effective_on', label: '生效日期（选填）', as: 'date', empty: 'null' },
  { path: 'details.expires_on', label: '截止日期（选填）', as: 'date', empty: 'null' },
];

export const handling: readonly Field[] = [
  {
    path: 'case_kind',
    label: '办件类型',
    as: 'select',
    choices: [
      ['instant', '即办件，当场办结'],
      ['promised', '承诺件'],
    ],
  },
  { path: 'promised_days', label: '承诺几个工作日', hint: '即办件填 0', as: 'number' },
  { path: 'statutory_days', label: '法定几个工作日', hint: '没有不填', as: 'number', empty: 'null' },
  { path: 'visits', label: '到现场几次', as: 'number' },
  { path: 'details.promised_note', label: '承诺期限说明（选填）', as: 'text', span: 2 },
  { path: 'details.statutory_note', label: '法定期限说明（选填）', as: 'text', span: 2 },
  { path: 'applicant_kinds', label: '服务对象', as: 'checks', choices: applicantKinds, span: 2 },
  { path: 'handling_forms', label: '办理形式', as: 'checks', choices: handlingForms, span: 2 },
  { path: 'conditions', label: '受理条件', hint: '一行一条', as: 'lines', span: 2 },
  { path: 'details.flow', label: '办理流程', hint: '一行一步', as: 'lines', span: 2 },
  { path: 'details.hours', label: '办理时间（选填）', hint: '不写就是大厅时间', as: 'text', span: 2 },
  { path: 'details.address', label: '办理地点（选填）', hint: '不写就是大厅地址', as: 'text', span: 2 },
  { path: 'consultation_phone', label: '咨询电话', as: 'text' },
  { path: 'complaint_phone', label: '投诉电话', as: 'text' },
  {
    path: 'details.online_depth',
    label: '网办深度（选填）',
    as: 'select',
    empty: 'null',
    choices: [
      ['1', '一级'],
      ['2', '二级'],
      ['3', '三级'],
      ['4', '四级'],
    ],
  },
  { path: 'details.courier', label: '结果寄送', as: 'yes', hint: '可以邮寄' },
  { path: 'details.result_type', label: '结果类型（选填）', as: 'text' },
  { path: 'details.annual_inspection', label: '年审年检（选填）', as: 'text', span: 2 },
  { path: 'details.intermediary_services', label: '中介服务（选填）', hint: '一行一项', as: 'lines' },
];
