// Spans of a day as people write them, `8:30–12:00 14:00–17:30`, and as the settings keep them, in minutes after
// midnight. A span may say its own number of places: `8:30–12:00×4`.

export interface Span {
  from_minute: number;
  to_minute: number;
  capacity?: number | null;
}

const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;

export function spansText(spans: Span[]): string {
  return spans
    .map(({ from_minute, to_minute, capacity }) => `${clock(from_minute)}–${clock(to_minute)}${capacity == null ? '' : `×${capacity}`}`)
    .join('  ');
}

function minute(hour: string, rest: string): number | undefined {
  const at = Number(hour) * 60 + Number(rest);
  return Number(rest) < 60 && at <= 24 * 60 ? at : undefined;
}

/** The spans of a text, or what is wrong with it. */
export function parseSpans(text: string, withPlaces = false): Span[] | string {
  const spans: Span[] = [];
  const parts = text
    .replaceAll('：', ':')
    .replace(/\s*[-–—~～至到]\s*/g, '-')
    .split(/[\s,，、;；]+/)
    .filter(Boolean);
  for (const part of parts) {
    const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?:[×xX*](\d{1,3}))?$/.exec(part);
    if (!match) return `“${part}”看不懂，写成 8:30–12:00`;
    const [from, to] = [minute(match[1] ?? '', match[2] ?? ''), minute(match[3] ?? '', match[4] ?? '')];
    if (from === undefined || to === undefined) return `“${part}”不是一天里的时间`;
    if (from >= to) return `“${part}”的开始要早于结束`;
    if (match[5] && !withPlaces) return `“${part}”后面不用写人数`;
    spans.push({ from_minute: from, to_minute: to, ...(withPlaces ? { capacity: match[5] ? Number(match[5]) : null } : {}) });
  }
  return spans;
}
