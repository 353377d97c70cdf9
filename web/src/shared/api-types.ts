// The words of the contract as the pages use them. What the server's OpenAPI document has is taken from the
// generated `api.d.ts`, so a changed contract breaks the build.
import type { components, paths as generated } from './api';

type Schemas = components['schemas'];

export type WindowState = Schemas['WindowState'];
export type WindowPurpose = Schemas['WindowPurpose'];
export type Priority = Schemas['TicketPriority'];
export type TicketState = Schemas['TicketState'];
export type Outcome = Schemas['VisitOutcome'];
export type Staff = Schemas['StaffView'];
export type Line = Schemas['LineView'];
export type HallWindow = Schemas['WindowView'];
export type DeskState = Schemas['DeskState'];
export type DeskWindow = Schemas['DeskWindow'];

export type TicketActionBody = Schemas['TicketActionRequest'];
export type TicketAction =
  'recall' | 'start' | 'finish' | 'miss' | 'park' | 'resume' | 'transfer' | 'top' | 'untop' | 'abandon' | 'requeue';

/** A ticket in answers, or with the names and the reason that the feed adds. */
export type Ticket = Schemas['TicketView'] & Partial<Pick<Schemas['DeskTicket'], 'matter_names' | 'reason'>>;

/** A change of the desk view: every object that it names replaces the one with its id. */
export interface DeskEvent {
  type: string;
  ticket?: Schemas['DeskTicket'];
  window?: DeskWindow;
  windows?: DeskWindow[];
  lines?: Line[];
}

export type CaseKind = 'instant' | 'promised';
export type CaseState =
  'draft' | 'received' | 'correcting' | 'refusal_proposed' | 'accepted' | 'in_review' | 'suspended' | 'decided' | 'issued' | 'closed';
export type Decision = 'approved' | 'approved_tolerant' | 'denied';
export type ClosedAs = 'finished' | 'refused' | 'withdrawn' | 'revoked' | 'lapsed';
export type Upload = 'not_required' | 'pending' | 'confirmed' | 'failed' | 'waived';
export type Custody = 'made' | 'in_transit' | 'in_cabinet' | 'handed_over' | 'shipped' | 'delivered' | 'returned';
export type ApplicantKind = 'person' | 'enterprise' | 'institution' | 'social_org' | 'agency' | 'other';
export type IdType = 'resident_id' | 'uscc' | 'passport' | 'hk_macao_permit' | 'taiwan_permit' | 'foreign_pr' | 'other';
export type SubmissionStatus = 'collected' | 'verified' | 'missing' | 'promised' | 'reused';
export type Relation = 'self' | 'agent' | 'legal_representative';
export type NotifyChannel = 'site' | 'sms' | 'wechat' | 'email' | 'phone' | 'webhook' | 'courier';
export type EvaluationChannel = 'pad' | 'qr' | 'web' | 'mobile' | 'sms' | 'phone' | 'kiosk';
export type EvaluationSubject = 'visit' | 'case';
export type Satisfaction = 'very_satisfied' | 'satisfied' | 'basically_satisfied' | 'dissatisfied' | 'very_dissatisfied';
export type Level = 'none' | 'notice' | 'yellow' | 'red';

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Site {
  id: string;
  name: string;
  kind?: string;
}

export interface MatterSummary {
  id: string;
  name: string;
  code?: string;
  case_kind: CaseKind;
  department_name?: string;
  promised_days?: number | null;
  statutory_days?: number | null;
}

export interface MaterialSpec {
  id: string;
  name: string;
  required: boolean;
  tolerable: boolean;
  /** Collected stays with the case, verified goes back at once. */
  keeping: 'collected' | 'verified';
  originals?: number;
  copies?: number;
  acceptance_points?: string[];
  /** Empty: for every situation. */
  situation_ids?: string[];
}

export interface SituationQuestion {
  question: string;
  /** Whether more than one answer may be chosen. */
  many: boolean;
  options: { id: string; name: string }[];
}

export interface Matter extends MatterSummary {
  materials: MaterialSpec[];
  situations?: SituationQuestion[];
  guide?: string | null;
  conditions?: string[];
  applicant_kinds?: ApplicantKind[];
  result_name?: string | null;
  tolerant?: boolean;
}

export interface Applicant {
  kind: ApplicantKind;
  name: string;
  id_type: IdType;
  id_number: string;
  phone: string;
  address?: string;
}

export interface SubmissionInput {
  material_id: string;
  originals?: number;
  copies?: number;
  status: SubmissionStatus;
}

export interface CaseInput {
  site_id: string;
  matter_id: string;
  situation_ids?: string[];
  ticket_id?: string;
  applicant: Applicant;
  agent?: { name: string; id_type: IdType; id_number: string; phone?: string };
  materials: SubmissionInput[];
}

export interface Submission {
  material_id: string;
  name: string;
  status: SubmissionStatus;
  required?: boolean;
  tolerable?: boolean;
  originals?: number;
  copies?: number;
  due?: string | null;
}

export interface ClockDay {
  date: string;
  counts: boolean;
  why: string;
}

export interface CaseClock {
  budget: number;
  spent: number;
  suspensions: { from: string; to?: string | null; procedure?: string; basis?: string }[];
  due_at: string | null;
  missing_year?: number | null;
  statutory_due_at: string | null;
  level: Level | number | null;
  days: ClockDay[];
}

export interface HistoryEntry {
  at: string;
  type?: string;
  text: string;
  by?: string | null;
}

/** A row of the worklist and of lists of cases; personal data is masked. */
export interface CaseSummary {
  id: string;
  number: string;
  state: CaseState;
  matter_name: string;
  applicant_name: string;
  department_id?: string;
  due_at: string | null;
  missing_year?: number | null;
  days_left?: number | null;
  level?: Level | number | null;
  claimed_by?: string | null;
  claimed_by_name?: string | null;
  mine?: boolean;
  actions: string[];
  accepted_at?: string | null;
}

export interface Case {
  id: string;
  number: string;
  query_code?: string;
  state: CaseState;
  reporting_state?: number;
  kind?: CaseKind;
  decision?: Decision | null;
  closed_as?: ClosedAs | null;
  matter_id: string;
  matter_name: string;
  ticket_id?: string | null;
  applicant: { kind: ApplicantKind; name: string; id_type: IdType; id_number: string; phone: string; address?: string };
  materials: Submission[];
  actions: string[];
  clock?: CaseClock | null;
  history: HistoryEntry[];
  refusal?: { reason_code: string; text?: string; proposed_by_name?: string } | null;
  certificate_id?: string | null;
  makes_certificate?: boolean;
}

export interface Certificate {
  id: string;
  case_id: string;
  case_number?: string;
  matter_name?: string;
  applicant_name?: string;
  name?: string;
  number?: string;
  custody: Custody;
  upload: Upload;
  identifier?: string | null;
  slot?: string | null;
  made_at?: string | null;
  received_at?: string | null;
  notified_at?: string | null;
  handed_over_at?: string | null;
  actions?: string[];
}

export interface Alert {
  id: string;
  kind: string;
  level?: Level | number;
  text: string;
  at: string;
  case_id?: string | null;
  ticket_id?: string | null;
}

export interface Device {
  id: string;
  kind: string;
  name?: string;
  state?: string;
  online?: boolean;
  window_id?: string | null;
  last_seen_at?: string | null;
  status?: Record<string, unknown> | null;
}

export interface Figures {
  [figure: string]: unknown;
}

/** One step of a citizen's way; never personal data, never the level of a rating. */
export interface TimelineEntry {
  at: string;
  type: string;
  text: string;
}

type Braced<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Braced<Rest> : never;
type PathParams<P extends string> = [Braced<P>] extends [never] ? { path?: never } : { path: Record<Braced<P>, string> };
type Query = Record<string, string | number | boolean | undefined>;
interface Answers<R> {
  200: { content: { 'application/json': R } };
  default: { content: { 'application/problem+json': Record<string, unknown> } };
}
interface GetOf<P extends string, R> {
  parameters: { query?: Query; header?: never; cookie?: never } & PathParams<P>;
  requestBody?: never;
  responses: Answers<R>;
}
interface SendOf<P extends string, B, R> {
  parameters: { query?: Query; header?: never; cookie?: never } & PathParams<P>;
  requestBody?: { content: { 'application/json': B } };
  responses: Answers<R>;
}

interface Gets {
  '/api/v1/sites': Page<Site>;
  '/api/v1/sites/{site}': Site;
  '/api/v1/sites/{site}/matters': Page<MatterSummary>;
  '/api/v1/matters/{matter}': Matter;
  '/api/v1/cases': Page<CaseSummary>;
  '/api/v1/cases/{case}': Case;
  '/api/v1/cases/{case}/clock': CaseClock;
  '/api/v1/worklist': Page<CaseSummary>;
  '/api/v1/sites/{site}/cabinet': Page<Certificate>;
  '/api/v1/certificates/{certificate}': Certificate;
  '/api/v1/sites/{site}/figures': Figures;
  '/api/v1/alerts': Page<Alert>;
  '/api/v1/devices': Page<Device>;
  '/api/v1/tracking/{code}': Record<string, unknown>;
}

type Nothing = Record<string, never>;
interface Reason {
  reason: string;
}

interface Posts {
  '/api/v1/cases': [CaseInput, Case];
  '/api/v1/cases/{case}/submit': [Nothing, Case];
  '/api/v1/cases/{case}/accept': [Nothing, Case];
  '/api/v1/cases/{case}/accept-tolerant': [{ promised: { material_id: string; due: string }[] }, Case];
  '/api/v1/cases/{case}/request-correction': [{ items: { material_id?: string; text: string; basis: string }[] }, Case];
  '/api/v1/cases/{case}/supply': [{ materials: SubmissionInput[] }, Case];
  '/api/v1/cases/{case}/propose-refusal': [{ reason_code: string; text: string }, Case];
  '/api/v1/cases/{case}/withdraw': [Reason, Case];
  '/api/v1/cases/{case}/claim': [Nothing, Case];
  '/api/v1/cases/{case}/release': [Nothing, Case];
  '/api/v1/cases/{case}/approve': [{ opinion: string }, Case];
  '/api/v1/cases/{case}/deny': [{ opinion: string; reason_code: string }, Case];
  '/api/v1/cases/{case}/confirm-refusal': [{ opinion: string }, Case];
  '/api/v1/cases/{case}/overturn-refusal': [{ opinion: string }, Case];
  '/api/v1/cases/{case}/reveal': [{ fields: string[]; reason: string }, Record<string, string>];
  '/api/v1/cases/{case}/certificate': [{ number: string; valid_from: string; valid_to?: string }, Certificate];
  '/api/v1/certificates/{certificate}/receive': [{ slot: string }, Certificate];
  '/api/v1/certificates/{certificate}/notify': [{ channels: NotifyChannel[] }, Certificate];
  '/api/v1/certificates/{certificate}/hand-over': [
    { collector: { name: string; id_type: IdType; id_number: string; relation: Relation }; signature?: string },
    Certificate,
  ];
  '/api/v1/certificates/{certificate}/retry-upload': [Nothing, Certificate];
  '/api/v1/certificates/{certificate}/waive-upload': [Reason, Certificate];
  '/api/v1/certificates/{certificate}/return': [Reason, Certificate];
  '/api/v1/evaluations': [
    {
      tracking_code: string;
      subject: EvaluationSubject;
      case_id?: string;
      level: Satisfaction;
      reason_codes: string[];
      text?: string;
      channel: EvaluationChannel;
    },
    Record<string, unknown>,
  ];
  '/api/v1/tracking/find': [{ site_id: string; short_code: string }, { tracking_code: string }];
  '/api/v1/devices/pair': [{ code: string }, { device_id: string; token: string }];
}

/** Routes that the document does not have yet, in the shape that openapi-typescript generates. */
type awaited = {
  [P in Exclude<keyof Gets | keyof Posts, keyof generated>]: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
  } & (P extends keyof Gets ? { get: GetOf<P, Gets[P]> } : { get?: never }) &
    (P extends keyof Posts ? { post: SendOf<P, Posts[P][0], Posts[P][1]> } : { post?: never }) & {
      put?: never;
      delete?: never;
      options?: never;
      head?: never;
      patch?: never;
      trace?: never;
    };
};

export type paths = generated & awaited;
