// Small facts about paper numbers. Knows no page.

/** The number on the next sheet of the roll: `P017` → `P018`, with as many digits. */
export function nextPaperNumber(number: string): string {
  const [, letters = '', digits = ''] = /^([A-Z]*)(\d+)$/.exec(number) ?? [];
  return digits === '' ? number : `${letters}${String(Number(digits) + 1).padStart(digits.length, '0')}`;
}

/** A date and a time of the hall's clock as an instant. */
export function localInstant(date: string, time: string): string {
  return `${date}T${time.length === 5 ? `${time}:00` : time}+08:00`;
}

/** A time as somebody types it, `905`, `9:05` or `9：05`, as `09:05`; nothing for what is no time. */
export function clockOf(text: string): string | undefined {
  const [, hour = '', minute = ''] = /^\s*(\d{1,2})[:：.]?(\d{2})\s*$/.exec(text) ?? [];
  if (minute === '' || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return `${hour.padStart(2, '0')}:${minute}`;
}
