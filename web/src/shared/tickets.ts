// Words about a ticket that more than one page uses.
import type { Ticket } from './contract';

/** What a person came for: the matters chosen at the kiosk, or the line. */
export function purposeOf(ticket: Ticket): string {
  return ticket.matter_names?.filter(Boolean).join('、') || ticket.line_name;
}

/**
 * Since when a person waits, as he would say it: since he took the number, whatever line he was sent to since. Who
 * was called and did not come waits since he came back, and a number of yesterday since today's opening.
 */
export function waitsSince(ticket: Ticket): number {
  const isAnew = ticket.carried || ticket.miss_count > 0;
  return Date.parse((isAnew && ticket.waited_since) || ticket.issued_at);
}
