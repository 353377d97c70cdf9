// What is said when a screen opens, for those who would rather hear than read: 大字版 with the voice on. The sentences are
// those of the kiosk's own program (`kiosk/src/voice/guides.json`), which a test holds these words to.
import type { PlainKey } from '../shared/words';
import type { Screen } from './flow';

export const GUIDES = {
  home: 'kiosk.say.home',
  ask: 'kiosk.say.ask',
  asks: 'kiosk.say.asks',
  find: 'kiosk.say.find',
  came: 'kiosk.say.came',
  track: 'kiosk.say.track',
  rate: 'kiosk.say.rate',
  rated: 'kiosk.say.rated',
  phone: 'kiosk.say.phone',
  help: 'kiosk.say.help',
  closed: 'kiosk.say.closed',
} as const satisfies Readonly<Record<string, PlainKey>>;

/** The sentence of a screen; `null` for one that says something else, or nothing. */
export function guideOf(screen: Screen['name'], isClosed: boolean): keyof typeof GUIDES | null {
  if (screen === 'home' && isClosed) return 'closed';
  return screen in GUIDES ? (screen as keyof typeof GUIDES) : null;
}
