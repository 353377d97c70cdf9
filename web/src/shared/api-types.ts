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

export type CaseKind = Schemas['CaseKind'];
export type CaseState = Schemas['CaseState'];
export type Decision = Schemas['CaseDecision'];
export type ClosedAs = Schemas['ClosedAs'];
export type Upload = Schemas['CertificateUpload'];
export type Custody = Schemas['CertificateCustody'];
export type ApplicantKind = Schemas['ApplicantKind'];
export type IdType = Schemas['IdType'];
export type SubmissionStatus = Schemas['SubmissionStatus'];
export type Relation = Schemas['CollectorRelation'];
export type NotifyChannel = Schemas['NotifyChannel'];
export type Level = Schemas['ClockLevel'];
export type Person = Schemas['PersonInput'];
export type SubmissionInput = Schemas['SubmissionInput'];
export type CaseInput = Schemas['CaseRequest'];
export type Submission = Schemas['CaseMaterialView'];
export type ClockDay = Schemas['ClockDayView'];
export type CaseClock = Schemas['ClockView'];
export type HistoryEntry = Schemas['HistoryView'];
export type CaseSummary = Schemas['CaseSummary'];
export type Case = Schemas['CaseView'];
export type Certificate = Schemas['CertificateView'];
export type Device = Schemas['DeviceView'];
export type CaseActionBody = Schemas['CaseActionRequest'];
export type CertificateActionBody = Schemas['CertificateActionRequest'];

/** A change of the desk view: every object that it names replaces the one with its id. */
export interface DeskEvent {
  type: string;
  ticket?: Schemas['DeskTicket'];
  window?: DeskWindow;
  windows?: DeskWindow[];
  lines?: Line[];
}

export type EvaluationChannel = 'pad' | 'qr' | 'web' | 'mobile' | 'sms' | 'phone' | 'kiosk';
export type EvaluationSubject = 'visit' | 'case';
export type Satisfaction = 'very_satisfied' | 'satisfied' | 'basically_satisfied' | 'dissatisfied' | 'very_dissatisfied';

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

export interface Alert {
  id: string;
  kind: string;
  level?: Level | number;
  text: string;
  at: string;
  case_id?: string | null;
  ticket_id?: string | null;
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
  '/api/v1/sites/{site}/figures': Figures;
  '/api/v1/alerts': Page<Alert>;
  '/api/v1/tracking/{code}': Record<string, unknown>;
}

interface Posts {
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
