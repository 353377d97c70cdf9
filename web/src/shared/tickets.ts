// Words about a ticket that more than one page uses.
import type { Ticket } from './contract';

/** What a person came for: the matters chosen at the kiosk, or the line. */
export function purposeOf(ticket: Ticket): string {
  return ticket.matter_names?.filter(Boolean).join('、') || ticket.line_name;
}
