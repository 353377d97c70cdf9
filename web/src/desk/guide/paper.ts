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
