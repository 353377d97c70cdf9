// What staff do with a case or a certificate: one path each, the action in it, as the server's lists of
// allowed actions name it.
import { take } from '../shared/client';
import type { Case, CaseActionBody, Certificate, CertificateActionBody } from '../shared/contract';
import { api } from './session';

export type CaseAction =
  | 'submit'
  | 'pre-check'
  | 'accept'
  | 'accept-tolerant'
  | 'request-correction'
  | 'correction-exceptions'
  | 'supply'
  | 'reuse-consent'
  | 'reuse'
  | 'withdraw-reuse-consent'
  | 'propose-refusal'
  | 'confirm-refusal'
  | 'overturn-refusal'
  | 'decide-instant'
  | 'claim'
  | 'release'
  | 'approve'
  | 'sign-step'
  | 'return-step'
  | 'suspend'
  | 'resume'
  | 'extend'
  | 'approve-extension'
  | 'extend-joint'
  | 'approve-joint-extension'
  | 'new-term'
  | 'return'
  | 'delegate'
  | 'deny'
  | 'withdraw'
  | 'revoke'
  | 'decision-notice'
  | 'deliver';

export type CertificateAction =
  'receive' | 'notify' | 'hand-over' | 'retry-upload' | 'waive-upload' | 'ship' | 'confirm-delivery' | 'return';

/** A case as it is now. */
export function readCase(id: string): Promise<Case> {
  return take(api.GET('/api/v1/cases/{case}', { params: { path: { case: id } } }));
}

export function actOnCase(id: string, action: CaseAction, body: CaseActionBody = {}): Promise<Case> {
  return take(api.POST('/api/v1/cases/{case}/{action}', { params: { path: { case: id, action } }, body }));
}

export function actOnCertificate(id: string, action: CertificateAction, body: CertificateActionBody = {}): Promise<Certificate> {
  return take(api.POST('/api/v1/certificates/{certificate}/{action}', { params: { path: { certificate: id, action } }, body }));
}
