// What the apply pages read of the contract.
import type { components } from '../../shared/api';
import type { ApplicantKind } from '../../shared/contract';
import type { Matter, Material } from '../../shared/public-types';
import type { PlainKey } from '../../shared/words';

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

/** What an application's step is called. */
export const stepKeys: Readonly<Record<string, PlainKey>> = {
  filling: 'apply.is.filling',
  submitted: 'apply.is.submitted',
  supplement: 'apply.is.supplement',
  ready: 'apply.is.ready',
  received: 'apply.is.received',
  withdrawn: 'apply.is.withdrawn',
};
