// English: verify.
import type { Translated } from '../../words';
import type zh from '../zh/verify';

export default {
  'verify.title': 'Check a document',
  'verify.hello': 'Is this document genuine?',
  'verify.none': 'There is no such document. Check the code; if it stays so, ask at the hall that issued it.',
  'verify.often': 'Tried too often; come back in 15 minutes.',
  'verify.offline': 'No connection; try again shortly.',
  'verify.ask': 'Type the code below the document first',
  'verify.code': 'Code, printed below the document',
  'verify.check': 'Check',
  'verify.revoked': 'It was issued and later revoked',
  'verify.genuine': 'It is genuine',
  'verify.document': 'Document',
  'verify.matter': 'Service',
  'verify.applicant': 'Applicant',
  'verify.number': 'Case number',
  'verify.date': 'Date',
  'verify.hall': 'Hall',
  'verify.department': 'Department',
  'verify.compare': 'Compare it with what you hold: if anything differs, it is not this one.',
} satisfies Translated<typeof zh>;
