// What the apply pages read of the contract.
import type { components } from '../../shared/api';
import type { ApplicantKind } from '../../shared/contract';
import type { Matter, Material } from '../../shared/public-types';

type Schemas = components['schemas'];

export type Application = Readonly<Schemas['ApplicationView']>;
export type ApplicationInList = Readonly<Schemas['ApplicationSummary']>;

export interface Question {
  readonly question: string;
  readonly many: boolean;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  readonly asked_if?: readonly string[];
}

export interface ApplyMatter extends Matter {
  readonly site_id: string;
  readonly department_name?: string;
  readonly case_kind?: string;
  readonly promised_days?: number;
  readonly applicant_kinds: readonly ApplicantKind[];
  readonly handling_forms: readonly string[];
  readonly materials: readonly Material[];
  readonly situations: readonly Question[];
  readonly consultation_phone?: string | null;
  readonly form_schema?: unknown;
}

/** Whether a matter is applied for online. */
export const isOnline = (forms: readonly string[] | undefined): boolean =>
  (forms ?? []).some((form) => form === 'web' || form === 'mobile');

export const stepWords: Readonly<Record<string, string>> = {
  filling: '没填完',
  submitted: '等窗口预审',
  supplement: '要补一补',
  ready: '预审过了，带材料来',
  received: '窗口收下了',
  withdrawn: '撤回了',
};
