// What the public pages read of the contract: only the fields they show, as the server's document has them.
// The kiosk's own program sends less than the server, so what it may leave out is optional.
import type { components } from './api';

type Schemas = components['schemas'];
type Some<T, Needed extends keyof T, Maybe extends keyof T = never> = Readonly<Pick<T, Needed> & Partial<Pick<T, Maybe>>>;

export type Site = Readonly<{
  id: string;
  name: string;
  phone?: string | null;
  address?: string | null;
  accent?: string | null;
  logo_url?: string | null;
}>;
export type Line = Some<
  Schemas['LineView'],
  'id' | 'name' | 'prefix' | 'waiting' | 'open' | 'estimated_wait_s',
  'stopped_text' | 'estimated_wait_optimistic_s' | 'bookable' | 'reminds'
>;
export type Material = Some<
  Schemas['MaterialView'],
  'name' | 'required',
  'id' | 'tolerable' | 'originals' | 'copies' | 'kind' | 'keeping' | 'situation_ids'
>;
export type Matter = Readonly<Pick<Schemas['MatterSummary'], 'id' | 'name'>> &
  Partial<Pick<Schemas['MatterSummary'], 'line_id'>> & { readonly materials?: readonly Material[] };
export type Ticket = Some<
  Schemas['TicketView'],
  'id' | 'number' | 'line_id' | 'state' | 'priority' | 'ahead' | 'estimated_wait_s' | 'tracking_code' | 'short_code' | 'issued_at',
  'estimated_wait_optimistic_s'
>;
export type Opening = Readonly<Schemas['Opening']>;
export type PhoneOffer = Readonly<Schemas['PhoneOfferView']>;
export type PhoneCode = Readonly<Schemas['PhoneCodeView']>;
export type FoundTicket = Readonly<Schemas['FoundTicketView']>;
