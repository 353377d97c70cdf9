// The words of people's work: where from, which state, why away; and how days and minutes are written.
import type { Mark } from '../../shared/badges';
import type { Appraisal, Leave, StaffPerson } from '../../shared/contract';
import { clockTime, dateDay, isoDate, weekday } from '../../shared/format';

export const sourceWords: Record<StaffPerson['source'], string> = {
  centre: '中心自有',
  seconded: '部门派驻',
  outsourced: '外包',
  village: '嘎查村',
};
export const sources = Object.entries(sourceWords) as [StaffPerson['source'], string][];

export const leaveWords: Record<Leave['kind'], string> = { leave: '请假', duty: '公出', training: '培训' };
export const leaveKinds = Object.entries(leaveWords) as [Leave['kind'], string][];

export const itemWords: Record<Appraisal['scores'][number]['item'], string> = {
  visits: '接待量',
  serving: '办理时长',
  ratings: '群众评价',
  on_time: '按时办结',
  attendance: '出勤',
};

const stateMarks: Record<StaffPerson['state'], Mark> = {
  in_use: { tone: 'ok', icon: 'check', word: '在用' },
  not_begun: { tone: 'n', icon: 'clock', word: '还没到期初' },
  ended: { tone: 'd', icon: 'lock', word: '到期了' },
  stopped: { tone: 'x', icon: 'lock', word: '停了' },
};
/** Days before the end from which the list says so. */
const soonDays = 30;
export function personMark(one: StaffPerson): Mark {
  const left = one.days_left;
  if (one.state === 'in_use' && left != null && left <= soonDays)
    return { tone: 'w', icon: 'hourglass', word: left === 0 ? '今天到期' : `还有 ${left} 天` };
  return stateMarks[one.state];
}
export const states: [StaffPerson['state'], string][] = [
  ['in_use', '在用'],
  ['ended', '到期了'],
  ['not_begun', '还没到期初'],
  ['stopped', '停了'],
];

/** `请假到 11月25日，乌日娜顶` */
export function awayText(one: { kind: Leave['kind']; to: string; cover_name?: string | null }): string {
  return `${leaveWords[one.kind]}到 ${dateDay(one.to)}${one.cover_name ? `，${one.cover_name}顶` : ''}`;
}

/** `5 小时 10 分` of seconds. */
export function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (!whole) return `${rest} 分`;
  return rest ? `${whole} 小时 ${rest} 分` : `${whole} 小时`;
}

/** `09:02–17:30`, `09:02 起` while it goes on. */
export function between(from: string, to: string | null | undefined): string {
  return to ? `${clockTime(from)}–${clockTime(to)}` : `${clockTime(from)} 起`;
}

/** `24 日（二）` */
export const dayOfMonth = (date: string) => `${Number(date.slice(8))} 日（${weekday(date)}）`;

export function monthOf(at: number): string {
  return isoDate(at).slice(0, 7);
}
/** `2026年11月` */
export const monthWord = (month: string) => `${month.slice(0, 4)}年${Number(month.slice(5))}月`;

/** A date some days away from another. */
export function daysFrom(date: string, days: number): string {
  return isoDate(Date.parse(`${date}T12:00:00+08:00`) + days * 86_400_000);
}
/** The Monday of a date's week. */
export function mondayOf(date: string): string {
  const at = '一二三四五六日'.indexOf(weekday(date));
  return daysFrom(date, -at);
}
