// What people and places are called in answers of the tests: as long as they come, with signs that few fonts have.
// The time is that of one morning.

/** A Tuesday morning; every page of the tests believes it. */
export const NOW = '2026-11-24T10:35:00+08:00';
export const TODAY = NOW.slice(0, 10);
export const YEAR = 2026;

export const people = [
  '欧阳㐂𠮷·买买提艾力',
  '阿卜杜热合曼·图尔荪托合提',
  '王小明',
  '孟克巴特尔',
  '𠮷田㐂子',
  '斯琴高娃',
  '李红',
  '哈斯巴根',
];
export const matters = [
  '城乡居民基本养老保险注销登记和丧葬补助金申领（含因死亡、出国（境）定居、已享受其他基本养老保障待遇）',
  '林木采伐许可',
  '最低生活保障对象认定',
  '农村村民住宅建设用地和乡村建设规划许可',
  '食品小作坊小餐饮登记证核发、变更、延续和注销',
  '残疾人证办理',
  '老年人优待证',
  '𠮷祥嘎查草原承包经营权变更登记',
];
export const places = [
  '白桦镇便民服务中心（白桦镇党群服务中心、新时代文明实践所）',
  '云川区政务服务中心',
  '东河嘎查便民服务站',
  '㐂镇便民服务中心',
];
const departments = ['云川区人力资源和社会保障局', '云川区民政局', '云川区林业和草原局', '白桦镇综合行政执法局'];
const devices = ['取号机（大厅东门）', '叫号大屏', '小票打印机（导办台后面的柜子上）', '评价器 3 号'];
export const lines = ['综合受理', '出证', '社保医保', '“一件事”'];
const sentences = [
  '户口簿首页和本人页要一起带来；婚姻状况变了的，先到派出所改好。没带的可以三个工作日里补，补齐以前不发证。',
  '材料齐全，符合条件，同意。',
  '家里老人行动不便，请帮办员上门核对；联系不上的，先打 0499-8000200 问村里的㐂书记。',
  '等得太久，前面一位办了四十多分钟，没有人出来说一声。',
];
const materials = [
  '居民身份证（正反面，在有效期内）',
  '户口簿',
  '一寸白底彩色照片 2 张（近六个月内）',
  '村（居）委会出具的居住和收入情况说明',
];

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;
const two = (value: number) => String(value).padStart(2, '0');

/** So many minutes before now, as the hall's clock says it. */
export function ago(minutes: number): string {
  return `${new Date(Date.parse(NOW) - minutes * 60_000 + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
export function dayFrom(days: number): string {
  return new Date(Date.parse(`${TODAY}T12:00:00+08:00`) + days * 86_400_000).toISOString().slice(0, 10);
}

const ids: readonly (readonly [RegExp, string])[] = [
  [/^(Desk)?Ticket|TakenTicket/, 't'],
  [/Window/, 'w'],
  [/^Line/, 'l'],
  [/^Site|BoardSite/, 's'],
  [/^(Person|Account|Staff|Helper|Colleague)/, 'p'],
  [/^(Case|EarlierCase)/, 'c'],
  [/^(Matter|Draft)/, 'm'],
  [/^Department/, 'd'],
];
const idOf: Readonly<Record<string, string>> = {
  ticket_id: 't',
  window_id: 'w',
  for_window_id: 'w',
  line_id: 'l',
  staff_id: 'p',
  helper_id: 'p',
  cover_id: 'p',
  case_id: 'c',
  matter_id: 'm',
  department_id: 'd',
  material_id: 'mt',
};
const isPlace = /site|of_site|delegation|seconded/;
const dates =
  /^(date|day|from|to|due|until|week|next_week|previous_week|access_until|contract_until|valid_from|valid_to|effective_from)$|_on$/;
const times =
  /_at$|^(at|now|since|as_of|pending_since|waited_since|first_open|last_close|next_at|one_time_until|locked_until|appeal_until)$/;
const codes: Readonly<Record<string, string>> = {
  phone: '138****2046',
  consultation_phone: '0499-8000200',
  complaint_phone: '0499-12345',
  id_number: '152***********0031',
  email: 'h***n@example.cn',
  query_code: 'K7M294QX',
  short_code: 'K7M294QX',
  tracking_code: 'T1',
  month: '2026-11',
  unit: 'share',
  better: 'higher',
  content_type: 'image/png',
  version: '1.4.2',
  update_to: '1.4.3',
  address: '云川区白桦镇向阳路 8 号（老粮库对面，公交 3 路白桦镇政府站下车往东 200 米）',
  village: '𠮷祥嘎查三组',
  hours: '周一至周五 8:30–12:00、14:00–17:30（节假日除外，领证窗口中午不休息）',
};

/** A text of an answer by the name of its field and the schema that it stands in. */
export function textOf(name: string, owner: string, at: number): string {
  if (name === 'id') return `${ids.find(([pattern]) => pattern.test(owner))?.[1] ?? 'x'}${at}`;
  if (/site_id$|^site$|^parent_id$/.test(name)) return 's0';
  if (/_ids?$/.test(name)) return `${idOf[name.replace(/s$/, '')] ?? 'x'}${at}`;
  if (dates.test(name)) return dayFrom(at);
  if (times.test(name)) return /due|appeal/.test(name) ? `${dayFrom(at + 1)}T18:00:00+08:00` : ago(12 + at * 17);
  if (name in codes) return codes[name] as string;
  if (/url$|^link$|_link$/.test(name)) return '/api/v1/picture.png';
  if (/number$/.test(name))
    return /Ticket/.test(owner) ? `A${String(17 + at).padStart(3, '0')}` : `152301-2026-${String(123 + at).padStart(6, '0')}`;
  if (/^(username|vendor|actor)$/.test(name)) return name === 'vendor' ? '云川区政通人力资源服务有限责任公司' : `clerk${at + 1}`;
  if (/(matter|bundle|certificate|result)_name$/.test(name)) return pick(matters, at);
  if (/department_name$|^lead_unit$|^responsible_units$/.test(name)) return pick(departments, at);
  if (/line_name$/.test(name)) return pick(lines, at);
  if (/device_name$/.test(name)) return pick(devices, at);
  if (isPlace.test(name)) return pick(places, at);
  if (/_name$|^by$|^acting_for$|covers_for|claimed_by/.test(name)) return pick(people, at);
  if (name === 'name') return nameOf(owner, at);
  if (/_code$|^code$|^key$/.test(name)) return `code_${at}`;
  if (/^(prefix|series)$/.test(name)) return pick(['A', 'B', 'C', 'Z'], at);
  if (name === 'slot') return `A${two(at + 1)}`;
  if (/hash|sha256/.test(name)) return '9f2c41d8e7'.repeat(6);
  return pick(sentences, at);
}
function nameOf(owner: string, at: number): string {
  if (/Site|Tier/.test(owner)) return pick(places, at);
  if (/^Line/.test(owner)) return pick(lines, at);
  if (/Department/.test(owner)) return pick(departments, at);
  if (/Device|Candidate/.test(owner)) return pick(devices, at);
  if (/Material|Attachment/.test(owner)) return pick(materials, at);
  if (/Person|Account|Staff|Helper|Colleague|Complaint/.test(owner)) return pick(people, at);
  return pick(matters, at);
}

/** A number of an answer by the name of its field. */
export function numberOf(name: string, at: number): number {
  if (/year$/.test(name)) return YEAR;
  if (/share$|satisfaction$|^value$|^goal$/.test(name)) return 0.973 - at * 0.061;
  if (/percent$/.test(name)) return 95;
  if (/bytes$/.test(name)) return 734_003_200;
  if (/_ms$/.test(name)) return 740_000 + at * 90_000;
  if (/_s$/.test(name)) return 1_260 + at * 480;
  if (/minutes?$/.test(name)) return 45 + at * 15;
  return 12 + at * 7;
}
