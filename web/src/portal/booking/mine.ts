// The appointments that were made on this phone, so that who closed the page finds them again. Only their
// codes are kept; what they are about is asked of the server each time.
import { call, problemOf } from '../../shared/public-http';
import type { Appointment } from '../../shared/appointments';

const KEY = 'yichuang_appointments';
const KEPT_MAX = 5;

function codes(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((code): code is string => typeof code === 'string') : [];
  } catch {
    return [];
  }
}

function keep(next: readonly string[]): void {
  localStorage.setItem(KEY, JSON.stringify(next.slice(0, KEPT_MAX)));
}

export function remember(code: string): void {
  keep([code, ...codes().filter((other) => other !== code)]);
}

/** Those that lie ahead; what is over or unknown is forgotten. */
export async function mine(): Promise<readonly Appointment[]> {
  const found: Appointment[] = [];
  for (const code of codes()) {
    try {
      const appointment = await call<Appointment>(`/api/v1/appointments/by-code/${code}`);
      if (appointment.state === 'booked') found.push(appointment);
      else keep(codes().filter((other) => other !== code));
    } catch (error) {
      if (problemOf(error).status === 404) keep(codes().filter((other) => other !== code));
    }
  }
  return found;
}
