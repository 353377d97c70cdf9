// A year of the legal calendar from a file: JSON as the interface takes it, or CSV lines of date, kind and name.
// Every line that cannot be read is told with its number.

export interface YearInput {
  source: string;
  off: Record<string, string>;
  make_up: Record<string, string>;
}
export interface LineFault {
  line: number;
  message: string;
}
export interface ReadYear {
  year: YearInput;
  faults: LineFault[];
  /** The line on which a date stands, to find the place of what the server says. */
  lines: Map<string, number>;
}

const offWords = new Set(['off', '放假', '休', '假']);
const workWords = new Set(['make_up', 'work', '上班', '班', '调休', '补班']);

function isoOf(text: string): string | undefined {
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text.trim());
  if (!match) return undefined;
  const iso = `${match[1]}-${match[2]?.padStart(2, '0')}-${match[3]?.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== iso ? undefined : iso;
}

function ofJson(text: string): ReadYear {
  const faults: LineFault[] = [];
  const year: YearInput = { source: '', off: {}, make_up: {} };
  try {
    const found = JSON.parse(text) as Partial<YearInput>;
    if (typeof found.source === 'string') year.source = found.source;
    for (const part of ['off', 'make_up'] as const) {
      for (const [date, name] of Object.entries(found[part] ?? {})) year[part][date] = String(name);
    }
  } catch (error) {
    const at = /line (\d+)/.exec(String(error));
    faults.push({ line: at ? Number(at[1]) : 1, message: '不是完整的 JSON，看看括号和引号' });
  }
  const lines = new Map<string, number>();
  text.split('\n').forEach((line, at) => {
    const date = /"(\d{4}-\d{2}-\d{2})"/.exec(line)?.[1];
    if (date) lines.set(date, at + 1);
  });
  return { year, faults, lines };
}

/** Reads a file's text. CSV has three columns: `2027-01-01,放假,元旦`; a heading line is skipped. */
export function readYear(text: string, source: string): ReadYear {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trimStart().startsWith('{')) {
    const read = ofJson(body);
    return { ...read, year: { ...read.year, source: read.year.source || source } };
  }
  const year: YearInput = { source, off: {}, make_up: {} };
  const faults: LineFault[] = [];
  const lines = new Map<string, number>();
  body.split(/\r\n|\r|\n/).forEach((line, at) => {
    const cells = line.split(/[,，\t]/).map((cell) => cell.trim().replace(/^"|"$/g, ''));
    const [first = '', kind = '', name = ''] = cells;
    if (!line.trim() || (at === 0 && !/\d{4}/.test(first))) return;
    const tell = (message: string) => faults.push({ line: at + 1, message });
    const date = isoOf(first);
    if (!date) return void tell(`“${first}”不是日期，写成 2027-01-01`);
    const into = offWords.has(kind.toLowerCase()) ? year.off : workWords.has(kind.toLowerCase()) ? year.make_up : undefined;
    if (!into) return void tell(`第二列写“放假”或“上班”，现在是“${kind}”`);
    if (!name) return void tell('第三列写节日的名字');
    if (lines.has(date)) return void tell(`${date} 第 ${lines.get(date)} 行已经有了`);
    lines.set(date, at + 1);
    into[date] = name;
  });
  return { year, faults, lines };
}

export interface MonthDay {
  date: string;
  day: number;
  working: boolean;
  why: string;
  /** Differs from its plain weekday: a holiday on a workday, or work on a weekend. */
  special: boolean;
}

/** The weekday of a date; Monday is 0. */
export const weekday = (date: string) => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

/** The days of a year by months, each beginning on its weekday, Monday first. */
export function months(days: { date: string; working: boolean; why: string }[]): { month: number; lead: number; days: MonthDay[] }[] {
  return Array.from({ length: 12 }, (_, at) => {
    const mine = days.filter(({ date }) => Number(date.slice(5, 7)) === at + 1);
    return {
      month: at + 1,
      lead: mine[0] ? weekday(mine[0].date) : 0,
      days: mine.map((one) => ({ ...one, day: Number(one.date.slice(8)), special: one.working === weekday(one.date) > 4 })),
    };
  });
}
