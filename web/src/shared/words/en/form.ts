// English: forms made from a schema.
import type { Translated } from '../../words';
import type zh from '../zh/form';

export default {
  'form.optional': ' (optional)',
  'form.several': ' (several possible)',
  'form.severalOptional': ' (several possible, optional)',
  'form.choose': 'Choose',
  'form.chooseNone': 'None',
  'form.date': 'Write the date like 2026-01-31',
  'form.email': 'Write the address like name@example.cn',
  'form.empty': '{title}: not filled in yet',
  'form.long': '{title}: at most {max} signs, now {n}',
  'form.short': '{title}: at least {min} signs',
  'form.number': '{title}: a number',
  'form.whole': '{title}: a whole number',
  'form.least': '{title}: not below {least}',
  'form.most': '{title}: not above {most}',
  'form.one': '{title}: one of the choices given',
  'form.some': '{title}: choose {min} to {max}',
  'form.unanswered': 'not filled in',
  'form.yes': 'Yes',
  'form.no': 'No',
  'form.and': ', ',
} satisfies Translated<typeof zh>;
