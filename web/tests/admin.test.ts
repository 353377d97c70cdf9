// What the administrator's page reads and writes: spans of a day, a year of the calendar from a file, and what
// differs between two settings.
import { describe, expect, it } from 'vitest';
import { months, readYear } from '../src/desk/admin/calendar';
import { withHolidays } from '../src/desk/admin/holidays';
import { differences, groupOf, type Configuration } from '../src/desk/admin/policy';
import { parseSpans, spansText } from '../src/desk/admin/spans';

describe('spans of a day', () => {
  it('are read as people write them and written back', () => {
    const spans = [
      { from_minute: 510, to_minute: 720 },
      { from_minute: 840, to_minute: 1050 },
    ];
    for (const text of ['8:30–12:00  14:00–17:30', '8:30-12:00,14:00-17:30', '08：30 到 12：00、14:00~17:30'])
      expect(parseSpans(text)).toEqual(spans);
    expect(parseSpans(spansText(spans))).toEqual(spans);
    expect(parseSpans('')).toEqual([]);
    expect(parseSpans('9:00-24:00')).toEqual([{ from_minute: 540, to_minute: 1440 }]);
  });
  it('may say their own places where places are', () => {
    expect(parseSpans('8:30–10:00×2 10:00-12:00', true)).toEqual([
      { from_minute: 510, to_minute: 600, capacity: 2 },
      { from_minute: 600, to_minute: 720, capacity: null },
    ]);
    expect(parseSpans('8:30–10:00×2')).toContain('不用写人数');
  });
  it('say what is wrong', () => {
    expect(parseSpans('早上')).toContain('看不懂');
    expect(parseSpans('12:00-8:00')).toContain('早于');
    expect(parseSpans('8:61-9:00')).toContain('不是一天里的时间');
    expect(parseSpans('23:00-25:00')).toContain('不是一天里的时间');
  });
});

describe('a year of the calendar', () => {
  it('is read from CSV with each fault at its line', () => {
    const read = readYear(
      '日期,类型,节日\n2027-01-01,放假,元旦\n2027/1/4,上班,元旦\n2027-02-30,放假,春节\n2027-05-01,也许,劳动节\n2027-01-01,放假,元旦\n2027-10-01,放假,\n',
      '通知',
    );
    expect(read.year).toEqual({ source: '通知', off: { '2027-01-01': '元旦' }, make_up: { '2027-01-04': '元旦' } });
    expect(read.faults.map(({ line }) => line)).toEqual([4, 5, 6, 7]);
    expect(read.lines.get('2027-01-04')).toBe(3);
  });
  it('is read from JSON as the interface takes it', () => {
    const read = readYear('{"source":"国办发明电","off":{"2027-01-01":"元旦"},\n"make_up":{"2027-01-03":"元旦"}}', '');
    expect(read.faults).toEqual([]);
    expect(read.year.make_up).toEqual({ '2027-01-03': '元旦' });
    expect(read.lines.get('2027-01-03')).toBe(2);
    expect(readYear('{"off":', '').faults).toHaveLength(1);
  });
  it('stands by months on its weekdays', () => {
    const days = Array.from({ length: 31 }, (_, at) => ({
      date: `2027-01-${String(at + 1).padStart(2, '0')}`,
      working: ![1, 2, 3].includes(at + 1),
      why: '',
    }));
    const [january] = months(days);
    expect(january?.lead).toBe(4);
    expect(january?.days[0]).toMatchObject({ day: 1, special: true });
    expect(january?.days[1]).toMatchObject({ day: 2, special: false });
    expect(january?.days[8]).toMatchObject({ day: 9, working: true, special: true });
  });
});

describe('settings', () => {
  const settings = (bound: number): Configuration =>
    ({
      lines: [],
      windows: [],
      hours: { kind: 'round_the_clock' },
      policy: {
        green_bound: bound,
        over_limit_ms: 1_800_000,
        quick_matter_ids: [],
        roster: [],
        taking: { sections: [] },
        serving: { park_reasons: [], covers: [] },
        appointments: { lines: [], no_show_block: null },
      },
    }) as unknown as Configuration;
  it('tell what differs in words', () => {
    expect(differences(settings(3), settings(3))).toEqual([]);
    expect(differences(settings(3), settings(2))).toMatchObject([
      { group: 'order', path: 'policy.green_bound', before: '3 个里 1 个', after: '2 个里 1 个' },
    ]);
  });
  it('know the group of a wrong field', () => {
    expect(groupOf('policy.green_bound')).toBe('order');
    expect(groupOf('policy.appointments.lines[0].week[1][0]')).toBe('appointments');
    expect(groupOf('hours.week[2]')).toBe('hours');
    expect(groupOf('policy.bounds')).toBe('order');
    expect(groupOf('lines[0].name')).toBeUndefined();
  });
});

describe('the holidays of a hall', () => {
  const day = [{ from_minute: 540, to_minute: 1020 }];
  const hours = { kind: 'weekly' as const, week: [day, day, day, day, day, [], []], special_days: [{ date: '2026-10-02', spans: day }] };
  // 2026-10-01 is a Thursday, 2026-10-10 a Saturday.
  const days = [
    { date: '2026-09-25', working: false, why: '中秋节放假' },
    { date: '2026-09-30', working: true, why: '工作日' },
    { date: '2026-10-01', working: false, why: '国庆节放假' },
    { date: '2026-10-02', working: false, why: '国庆节放假' },
    { date: '2026-10-03', working: false, why: '国庆节放假' },
    { date: '2026-10-10', working: true, why: '国庆节调休上班' },
    { date: '2026-10-11', working: false, why: '周末' },
  ];
  it('close it, open it where work is made up, and leave what was set', () => {
    expect(withHolidays(hours, days, '2026-09-28')).toEqual([
      { date: '2026-10-01', spans: [] },
      { date: '2026-10-02', spans: day },
      { date: '2026-10-10', spans: day },
    ]);
  });
});
