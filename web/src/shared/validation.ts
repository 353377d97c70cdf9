// Checks of what people type, with messages that say what to do. The same rules as the server's;
// the server decides, this only speaks earlier.
import type { IdType } from './contract';

const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

export function checkResidentId(text: string): string | undefined {
  const id = text.trim().toUpperCase();
  if (!id) return '请填身份证号';
  if (/[^0-9X]/.test(id)) return '身份证号只有数字，末位可以是 X';
  if (id.length < 18) return `少 ${18 - id.length} 位，身份证号是 18 位`;
  if (id.length > 18) return `多 ${id.length - 18} 位，身份证号是 18 位`;
  if (!/^\d{17}[\dX]$/.test(id)) return 'X 只能在末位';
  const year = Number(id.slice(6, 10));
  const month = Number(id.slice(10, 12));
  const date = Number(id.slice(12, 14));
  const born = new Date(Date.UTC(year, month - 1, date));
  if (year < 1850 || born.getUTCMonth() !== month - 1 || born.getUTCDate() !== date || born.getTime() > Date.now()) {
    return '第 7 到 14 位是出生日期，对不上，再核对一遍';
  }
  const sum = residentWeights.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  return '10X98765432'[sum % 11] === id[17] ? undefined : '末位对不上，再核对一遍';
}

export function checkCreditCode(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (!code) return '请填统一社会信用代码';
  if (code.length < 18) return `少 ${18 - code.length} 位，统一社会信用代码是 18 位`;
  if (code.length > 18) return `多 ${code.length - 18} 位，统一社会信用代码是 18 位`;
  let sum = 0;
  let weight = 1;
  for (const sign of code.slice(0, 17)) {
    const value = creditAlphabet.indexOf(sign);
    if (value < 0) return `不会有“${sign}”，再核对一遍`;
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return creditAlphabet[(31 - (sum % 31)) % 31] === code[17] ? undefined : '末位对不上，再核对一遍';
}

export function checkIdNumber(type: IdType, text: string): string | undefined {
  if (type === 'resident_id') return checkResidentId(text);
  if (type === 'uscc') return checkCreditCode(text);
  const id = text.trim();
  if (!id) return '请填证件号';
  return /^[0-9A-Za-z()-]{5,30}$/.test(id) ? undefined : '证件号只有字母和数字，5 到 30 位';
}

export function checkPhone(text: string): string | undefined {
  const phone = text.replace(/[\s-]/g, '');
  if (!phone) return '请填电话，办好了通知用';
  if (/\D/.test(phone)) return '电话只有数字';
  if (phone.startsWith('1')) {
    if (phone.length < 11) return `少 ${11 - phone.length} 位，手机号是 11 位`;
    if (phone.length > 11) return `多 ${phone.length - 11} 位，手机号是 11 位`;
    return /^1[3-9]/.test(phone) ? undefined : '手机号第 2 位是 3 到 9';
  }
  return /^0\d{9,11}$/.test(phone) || /^\d{7,8}$/.test(phone) ? undefined : '座机要带区号，如 0476-8230000';
}

export function checkName(text: string): string | undefined {
  const name = text.trim();
  if (!name) return '请填姓名或名称';
  if (/\p{C}/u.test(name)) return '有看不见的字符，请重新填';
  return name.length > 100 ? `最多 100 个字，现在 ${name.length} 个` : undefined;
}
