// The words of the contract as the pages use them. What the server's OpenAPI document has is taken from the
// generated `api.d.ts`, so a changed contract breaks the build.
import type { components } from './api';

export type { paths } from './api';

type Schemas = components['schemas'];

export type WindowState = Schemas['WindowState'];
export type WindowPurpose = Schemas['WindowPurpose'];
export type Priority = Schemas['TicketPriority'];
export type TicketState = Schemas['TicketState'];
export type Outcome = Schemas['VisitOutcome'];
export type Staff = Schemas['StaffView'];
export type Line = Schemas['LineView'];
export type HallWindow = Schemas['WindowView'];
export type Keeper = Schemas['KeeperView'];
export type KeeperEntry = Schemas['KeeperEntryView'];
export type JournalEntry = Schemas['JournalEntry'];
export type Brought = Schemas['BroughtView'];
export type DeskState = Schemas['DeskState'];
export type DeskWindow = Schemas['DeskWindow'];

export type ItemOutcome = Schemas['ItemOutcomeInput'];
export type Serving = Schemas['ServingView'];
export type TicketActionBody = Schemas['TicketActionRequest'];
export type TicketAction =
  | 'recall'
  | 'start'
  | 'add-item'
  | 'settle-item'
  | 'finish'
  | 'miss'
  | 'put-back'
  | 'park'
  | 'resume'
  | 'transfer'
  | 'top'
  | 'untop'
  | 'abandon'
  | 'requeue';

/** A ticket in answers, or with the names and the reason that the feed adds. */
export type Ticket = Schemas['TicketView'] & Partial<Pick<Schemas['DeskTicket'], 'matter_names' | 'reason'>>;

export type Paper = Schemas['PaperView'];
export type VerifiedPaper = Schemas['VerifiedView'];
export type FoundTicket = Schemas['FoundTicketView'];
export type FindTickets = Schemas['FindTicketsRequest'];

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
export type Bundle = Schemas['BundleView'];
export type BundleContent = Schemas['BundleContent'];
export type BundleDraft = Schemas['BundleDraftView'];
export type BundleSummary = Schemas['BundleSummary'];
export type BundleCase = Schemas['BundleCaseView'];
export type BundleCaseInput = Schemas['BundleCaseRequest'];
export type Attachment = Schemas['AttachmentView'];
export type ClockDay = Schemas['ClockDayView'];
export type CaseClock = Schemas['ClockView'];
export type HistoryEntry = Schemas['HistoryView'];
export type CaseSummary = Schemas['CaseSummary'];
export type Case = Schemas['CaseView'];
export type ApprovalStage = Schemas['ApprovalStageView'];
export type ApprovalStep = Schemas['ApprovalStepView'];
export type Certificate = Schemas['CertificateView'];
export type Device = Schemas['DeviceView'];
export type BoardContent = Schemas['BoardView'];
export type PrinterProfile = Required<Schemas['PrinterProfile']>;
export type CaseActionBody = Schemas['CaseActionRequest'];
export type CertificateActionBody = Schemas['CertificateActionRequest'];

/** A change of the desk view: every object that it names replaces the one with its id. */
export interface DeskEvent {
  type: string;
  ticket?: Schemas['DeskTicket'];
  window?: DeskWindow;
  windows?: DeskWindow[];
  lines?: Line[];
  gone?: string[];
}

export type System = Schemas['SystemView'];
export type FirstContact = Schemas['FirstContactView'];
export type FirstContacts = Schemas['FirstContactsView'];
export type Notification = Schemas['NotificationView'];
export type DeadLetter = Schemas['DeadLetterView'];
export type Reporting = Schemas['ReportingView'];
export type UpstreamCase = Schemas['UpstreamCaseView'];
export type UpstreamMatter = Schemas['UpstreamMatter'];
export type MessageTemplate = Schemas['TemplateView'];
export type TemplatePreview = Schemas['TemplatePreview'];
export type PaperTemplate = Schemas['PaperTemplateView'];
export type PaperText = Schemas['PaperTextView'];
export type PaperVersion = Schemas['PaperVersionView'];
export type PaperSeal = Schemas['SealView'];
export type PrintJob = Schemas['PrintJobView'];
export type Role = Schemas['StaffRole'];
export type Account = Schemas['AccountView'];
export type OpinionTemplate = Schemas['OpinionTemplateView'];
export type CustodyView = Schemas['CustodyView'];
export type CustodyRecord = Schemas['CustodyRecordView'];
export type CustodyStep = Schemas['CustodyStepView'];
export type Basis = Schemas['BasisView'];
export type BasisKind = Schemas['BasisKind'];
export type FreshPassword = Schemas['FreshPasswordView'];
export type StaffInput = Schemas['StaffRequest'];
export type Department = Schemas['DepartmentView'];
export type WhatIf = Schemas['WhatIfView'];
export type ImportResult = Schemas['ImportView'];
export type LoggedEvent = Schemas['EventView'];
export type CalendarYear = Schemas['CalendarView'];
export type LineSetup = Schemas['LineSetupView'];
export type WindowSetup = Schemas['WindowSetupView'];

export type Site = Schemas['SiteView'];
export type MatterSummary = Schemas['MatterSummary'];
export type MaterialSpec = Schemas['MaterialView'];
export type SituationQuestion = Schemas['SituationQuestionView'];
export type Matter = Schemas['MatterView'];
export type MatterDraft = Schemas['DraftView'];
export type MatterDraftSummary = Schemas['DraftSummary'];
export type MatterCompare = Schemas['CompareView'];
export type MatterVersions = Schemas['VersionsView'];
export type Claim = Schemas['ClaimView'];
export type Alert = Schemas['AlertView'];
export type Figures = Schemas['FiguresView'];
export type SubtreeFigures = Schemas['SubtreeFiguresView'];
export type PlanFigure = Schemas['PlanFigureView'];
export type PlanFigureHead = Schemas['PlanFigureHead'];
export type PlanFigureRow = Schemas['PlanFigureRow'];
export type Ledger = Schemas['LedgerView'];
export type LedgerTask = Schemas['LedgerTaskView'];
export type TierSummary = Schemas['TierSummary'];
export type Tier = Schemas['TierView'];

/** A task of the ledger's plan, as it is written. */
export interface PlanTask {
  id: string;
  clause: string;
  title: string;
  lead_unit: string;
  responsible_site_ids: string[];
  other_units: string;
  term: string;
  order: number;
  figure: string | null;
  values: Record<string, string>;
}

/** The ledger's plan, which is read and written as a whole. */
export interface LedgerPlan {
  version: number;
  title: string;
  columns: { key: string; title: string; width?: number | null }[];
  tasks: PlanTask[];
  figures: PlanFigureHead[];
  sites: { id: string; name: string }[];
}
export type Tracking = Schemas['TrackingView'];
export type TrackedTicket = Schemas['TrackedTicketView'];
export type TrackedCase = Schemas['TrackedCaseView'];
export type TrackedEvaluation = Schemas['TrackedEvaluationView'];
export type TimelineEntry = Tracking['timeline'][number];
export type Satisfaction = Schemas['Satisfaction'];
export type EvaluationRequest = Schemas['EvaluationRequest'];
export type NegativeEvaluation = Schemas['NegativeEvaluationView'];
export type EvaluationStep = Schemas['FollowUpStep'];
export type OwnEvaluations = Schemas['OwnEvaluationsView'];
export type OwnEvaluation = Schemas['OwnEvaluationView'];
export type ClerkRates = Schemas['ClerkRatesView'];
export type Complaint = Schemas['ComplaintView'];
export type ComplaintKind = Schemas['ComplaintKind'];
export type ComplaintFiled = Schemas['ComplaintFiledView'];
export type ComplaintProgress = Schemas['ComplaintProgressView'];

export type StaffPerson = Schemas['PersonView'];
export type PersonSheet = Schemas['PersonSheetView'];
export type Leave = Schemas['LeaveView'];
export type RosterDay = Schemas['RosterDayView'];
export type Attendance = Schemas['AttendanceView'];
export type Appraisal = Schemas['AppraisalView'];
export type MyWork = Schemas['MyWorkView'];
export type Training = Schemas['TrainingView'];
export type PeopleRules = Schemas['PeopleRulesView'];
export type Practice = Schemas['PracticeView'];
export type Opening = Schemas['OpeningView'];
export type CopiedSite = Schemas['CopiedSiteView'];
export type StaffImport = Schemas['StaffImportView'];
