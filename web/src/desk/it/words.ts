// How devices and the house look in words: colour, icon and word together.
import type { Mark } from '../../shared/badges';
import type { Device } from '../../shared/contract';
import { dayTime } from '../../shared/format';

export type DeviceKind = 'kiosk' | 'display' | 'printer' | 'pad';

export const kinds: { kind: DeviceKind; word: string; hint: string }[] = [
  { kind: 'kiosk', word: '取号机', hint: '大厅门口，群众取号' },
  { kind: 'display', word: '显示屏', hint: '叫号大屏或窗口屏' },
  { kind: 'printer', word: '打印机', hint: '打号票和小单据' },
  { kind: 'pad', word: '评价器', hint: '窗口上，群众评价' },
];

export const kindWord = (kind: string) => kinds.find((one) => one.kind === kind)?.word ?? kind;

/** What is wrong with a device first; otherwise that it is there. */
export function deviceMark(device: Device): Mark {
  if (device.revoked_at) return { tone: 'x', icon: 'lock', word: '已停用' };
  if (!device.online) return { tone: 'd', icon: 'nowifi', word: device.seen_at ? '断开' : '没连过' };
  const printer = device.printer;
  if (printer?.paper === 'out') return { tone: 'D', icon: 'printer', word: '缺纸' };
  if (printer?.cover_open) return { tone: 'D', icon: 'printer', word: '盖子没合' };
  if (printer && (printer.error || !printer.online)) return { tone: 'd', icon: 'alert', word: '打印机故障' };
  if (printer?.paper === 'near_end') return { tone: 'w', icon: 'printer', word: '纸快没了' };
  if (device.error) return { tone: 'w', icon: 'alert', word: '有错误' };
  return { tone: 'ok', icon: 'check', word: '在线' };
}

/** What a device lies below the others for: trouble first, what was ended last. */
export function deviceRank(device: Device): number {
  const { tone } = deviceMark(device);
  return device.revoked_at ? 9 : tone === 'D' ? 0 : tone === 'd' ? 1 : tone === 'w' ? 2 : 3;
}

const paperWords = { ok: '有纸', near_end: '快没了', out: '缺纸', unknown: '不知道' } as const;
export const paperWord = (paper: keyof typeof paperWords | undefined) => (paper ? paperWords[paper] : '');

/** `2.4 米`, `118 米`; what is less than a metre in centimetres. */
export function metres(mm: number): string {
  if (mm < 1000) return `${Math.round(mm / 10)} 厘米`;
  return mm < 100_000 ? `${(mm / 1000).toFixed(1)} 米` : `${Math.round(mm / 1000)} 米`;
}

/** How long the paper lasts, in words; nothing where it is not known. */
export function paperLeft(device: Device): string {
  const paper = device.paper;
  if (!paper) return '';
  const rolls = paper.spare_rolls == null ? '' : ` · 柜里 ${paper.spare_rolls} 卷`;
  if (paper.left_days != null) return `够 ${paper.left_days} 天${rolls}`;
  return `今天 ${metres(paper.today_mm)}${rolls}`;
}

/** `刚才`, `3 分钟前`, `2 小时前`, then the day and time. */
export function ago(at: string | null | undefined, now: number): string {
  if (!at) return '—';
  const passed = now - new Date(at).getTime();
  if (passed < 60_000) return '刚才';
  if (passed < 3_600_000) return `${Math.floor(passed / 60_000)} 分钟前`;
  if (passed < 86_400_000) return `${Math.floor(passed / 3_600_000)} 小时前`;
  return dayTime(at);
}

/** `3.2 GB`, `640 MB`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '—';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let rest = value;
  let unit = 0;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest < 10 && unit > 1 ? rest.toFixed(1) : Math.round(rest)} ${units[unit]}`;
}

const faultWords: Record<string, string> = {
  no_gateway: '没有配置这个渠道',
  no_recipient: '没有留号码',
  by_person: '要人工通知',
  unreached: '没联系上',
  no_such_channel: '没有这个渠道',
  unreachable: '对方连不上',
  timeout: '对方没有回应',
  unreadable: '内容读不出来',
  nothing_to_tell: '没有可报的内容',
  bad_openid: '微信标识不对',
  wechat_43004: '没有关注公众号',
  wechat_40037: '模板编号不对',
};
export const faultWord = (code: string | null | undefined) => (code ? (faultWords[code] ?? code) : '');
