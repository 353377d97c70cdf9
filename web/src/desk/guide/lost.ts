// What somebody without a slip told, from one field: a scan of the slip's code, its short code, a phone
// number or a document's number. Knows no page and no rule beyond the shapes.
import type { FindTickets } from '../../shared/contract';

export function whatIsLost(text: string): FindTickets | undefined {
  const scanned = /\/t\/([0-9A-Za-z]{16})\s*$/.exec(text)?.[1];
  if (scanned) return { tracking_code: scanned };
  const plain = text.replace(/[\s-]/g, '').toUpperCase();
  if (/^(\+?86)?1\d{10}$/.test(plain)) return { phone: plain.slice(-11) };
  if (/^[0-9A-Z]{8}$/.test(plain)) return { short_code: plain };
  if (/^[0-9A-Z]{16}$/.test(plain)) return { tracking_code: plain };
  if (/^(\d{17}[\dX]|\d{15}|[0-9A-Z]{9}|[0-9A-Z]{10,12}|[0-9A-Z]{18})$/.test(plain)) return { id_number: plain };
  return undefined;
}
