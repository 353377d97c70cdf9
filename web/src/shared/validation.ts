// Checks of what people type, with messages that say what to do. The same rules as the server's;
// the server decides, this only speaks earlier.
import type { IdType } from './contract';
import { t } from './words/common';

const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

export function checkResidentId(text: string): string | undefined {
  const id = text.trim().toUpperCase();
  if (!id) return t('check.askId');
  if (/[^0-9X]/.test(id)) return t('check.idSigns');
  if (id.length < 18) return t('check.idFew', { n: 18 - id.length });
  if (id.length > 18) return t('check.idMany', { n: id.length - 18 });
  if (!/^\d{17}[\dX]$/.test(id)) return t('check.idX');
  const year = Number(id.slice(6, 10));
  const month = Number(id.slice(10, 12));
  const date = Number(id.slice(12, 14));
  const born = new Date(Date.UTC(year, month - 1, date));
  if (year < 1850 || born.getUTCMonth() !== month - 1 || born.getUTCDate() !== date || born.getTime() > Date.now()) {
    return t('check.idBirth');
  }
  const sum = residentWeights.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  return '10X98765432'[sum % 11] === id[17] ? undefined : t('check.lastSign');
}

export function checkCreditCode(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (!code) return t('check.askCredit');
  if (code.length < 18) return t('check.creditFew', { n: 18 - code.length });
  if (code.length > 18) return t('check.creditMany', { n: code.length - 18 });
  let sum = 0;
  let weight = 1;
  for (const sign of code.slice(0, 17)) {
    const value = creditAlphabet.indexOf(sign);
    if (value < 0) return t('check.creditSign', { sign });
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return creditAlphabet[(31 - (sum % 31)) % 31] === code[17] ? undefined : t('check.lastSign');
}

export function checkIdNumber(type: IdType, text: string): string | undefined {
  if (type === 'resident_id') return checkResidentId(text);
  if (type === 'uscc') return checkCreditCode(text);
  const id = text.trim();
  if (!id) return t('check.askDocument');
  return /^[0-9A-Za-z()-]{5,30}$/.test(id) ? undefined : t('check.documentSigns');
}

export function checkPhone(text: string): string | undefined {
  const phone = text.replace(/[\s-]/g, '');
  if (!phone) return t('check.askPhone');
  if (/\D/.test(phone)) return t('check.phoneSigns');
  if (phone.startsWith('1')) {
    if (phone.length < 11) return t('check.phoneFew', { n: 11 - phone.length });
    if (phone.length > 11) return t('check.phoneMany', { n: phone.length - 11 });
    return /^1[3-9]/.test(phone) ? undefined : t('check.phoneSecond');
  }
  return /^0\d{9,11}$/.test(phone) || /^\d{7,8}$/.test(phone) ? undefined : t('check.areaCode');
}

export function checkName(text: string): string | undefined {
  const name = text.trim();
  if (!name) return t('check.askName');
  if (/\p{C}/u.test(name)) return t('check.nameSigns');
  return name.length > 100 ? t('check.nameMany', { n: name.length }) : undefined;
}
