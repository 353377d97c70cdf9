// Roles in words, and what each is for.
import type { Role } from '../../shared/contract';

export const roles: { role: Role; word: string; does: string }[] = [
  { role: 'guide', word: '导办', does: '引导、取号、补打' },
  { role: 'clerk', word: '窗口', does: '叫号、受理、一次性告知' },
  { role: 'approver', word: '审批', does: '以部门名义审批' },
  { role: 'leader', word: '分管领导', does: '批延期、看统计' },
  { role: 'issuer', word: '出证', does: '制证、入柜、发证' },
  { role: 'helper', word: '帮办', does: '替群众取号、填件' },
  { role: 'supervisor', word: '大厅主管', does: '管大厅、处理差评' },
  { role: 'district', word: '区政务局', does: '看全区、定设置' },
  { role: 'admin', word: '管理员', does: '账号、设置、目录' },
  { role: 'it', word: '运维', does: '设备、备份' },
  { role: 'auditor', word: '审计', does: '只看操作记录' },
];
export const roleWord = (role: string) => roles.find((one) => one.role === role)?.word ?? role;
