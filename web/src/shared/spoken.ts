// What is said for a call: `请A零零一号到三号窗口办理`. The display's own program says the same words; one table holds both to
// it (`display/tests/spoken.json`).
const DIGITS = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const;

function digitByDigit(number: string): string {
  return Array.from(number, (sign) => DIGITS[/\d/.test(sign) ? Number(sign) : -1] ?? sign).join('');
}

/** `3` → `三`, `12` → `十二`, `105` → `一百零五`. */
function counted(number: number): string {
  const digit = (of: number): string => DIGITS[of % 10] ?? '';
  if (number < 10) return digit(number);
  if (number < 100) {
    const tens = number < 20 ? '' : digit(Math.floor(number / 10));
    return `${tens}十${number % 10 === 0 ? '' : digit(number)}`;
  }
  if (number > 999) return digitByDigit(String(number));
  const rest = number % 100;
  const below = rest === 0 ? '' : rest < 10 ? `零${digit(rest)}` : rest < 20 ? `一${counted(rest)}` : counted(rest);
  return `${digit(Math.floor(number / 100))}百${below}`;
}

/** The sentence of a call; `short` where more calls wait. */
export function spokenCall(number: string, window: number, short: boolean): string {
  const said = `${digitByDigit(number)}号`;
  return short ? `${said}，${counted(window)}号窗口` : `请${said}到${counted(window)}号窗口办理`;
}

export interface VolumeStep {
  readonly from: string;
  readonly percent: number;
}

/** Loudness at a time of day, `08:30`, from 0 to 1; full before the first step. */
export function loudness(steps: readonly VolumeStep[], at: string): number {
  const step = steps.filter((one) => one.from <= at).at(-1);
  return (step?.percent ?? 100) / 100;
}
