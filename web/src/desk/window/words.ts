// Words of the window desk for values of the contract.
import type { Outcome, WindowPurpose } from '../../shared/contract';

/** What the panel of the current number can ask for. */
export type WindowAct = 'recall' | 'start' | 'miss' | 'park' | 'transfer' | 'put-back' | 'abandon' | 'next';

export const purposeNames: Record<WindowPurpose, string> = {
  general: '综合受理窗口',
  issue: '出证窗口',
  assist: '帮办代办窗口',
  bundle: '“一件事”窗口',
  green: '绿色通道窗口',
};

export const outcomes: { value: Outcome; word: string }[] = [
  { value: 'accepted', word: '受理了' },
  { value: 'collected', word: '领了证' },
  { value: 'consulted', word: '问了事' },
  { value: 'wrong_line', word: '取错了队' },
  { value: 'other', word: '别的' },
];

/** Grounds on which a case may be put to the department; the window itself decides none of them. */
export const refusalReasons: { code: string; word: string; hint: string }[] = [
  { code: 'not_required', word: '依法不用办', hint: '这件事不需要取得许可或办理' },
  { code: 'not_competent', word: '不归本部门管', hint: '会告诉他该去哪个部门' },
  { code: 'forbidden_applicant', word: '依法不得申请', hint: '法律不准他申请这一项' },
  { code: 'false_material', word: '材料不真实', hint: '隐瞒情况或提供虚假材料' },
];
