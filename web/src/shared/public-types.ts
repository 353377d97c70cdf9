// What the public pages read from the contract; only the fields they show.
export interface Site {
  readonly id: string;
  readonly name: string;
  readonly phone?: string | null;
  readonly address?: string | null;
}

export interface Line {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly waiting: number;
  readonly open: boolean;
  readonly estimated_wait_s: number;
  readonly stopped_text?: string | null;
  readonly note?: string | null;
}

export interface Material {
  readonly id?: string;
  readonly name: string;
  readonly required: boolean;
  readonly tolerable?: boolean;
  readonly originals?: number | null;
  readonly copies?: number | null;
  readonly kind?: string;
  readonly keeping?: string;
  readonly situation_ids?: readonly string[];
  readonly hint?: string | null;
}

export interface Matter {
  readonly id: string;
  readonly name: string;
  readonly line_id?: string | null;
  readonly materials?: readonly Material[];
}

export interface Ticket {
  readonly id: string;
  readonly number: string;
  readonly line_id: string;
  readonly state: string;
  readonly priority: string;
  readonly ahead: number;
  readonly estimated_wait_s: number;
  readonly tracking_code: string;
  readonly short_code: string;
  readonly issued_at: string;
  readonly tracking_url?: string | null;
}
