// Codes as people type them, and what to say when they were typed wrongly too often.

export function plainCode(code: string): string {
  return code.replace(/[\s-]/g, '').toUpperCase();
}

export function tooOften(status: number, code: string): string | null {
  if (status === 0) return '现在连不上，您输的都还在，稍后再点';
  if (status === 429 || code.includes('locked') || code.includes('too_many')) return '错了好几次，15 分钟后再试';
  return null;
}
